// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DcapVerifier} from "../../src/attestation/DcapVerifier.sol";
import {PlatformPolicy, Policy} from "../../src/attestation/PlatformPolicy.sol";
import {TrustRoot} from "../../src/attestation/TrustRoot.sol";
import {vm} from "../support/Vm.sol";
import {Forger} from "./Forger.sol";

/// What a verifier refuses to be deployed with, since nothing can change it afterwards.
contract DcapTrustRootTest is Forger {
    /// 2049-12-31, when the simulated root ends; both ends belong to the validity.
    uint256 private constant ROOT_UNTIL = 2_524_521_600;

    function setUp() public {
        vm.warp(base.at_);
    }

    function test_S15_constructor_refusesAnyRootButIntelsUnlessSimulated() public {
        Policy memory rules = policy();
        bytes32 hash = sha256(root);
        vm.expectRevert(abi.encodeWithSelector(TrustRoot.NotIntelsRoot.selector, hash));
        new DcapVerifier(root, rules, false);
    }

    function test_S15_constructor_refusesSimulatedHardwareOffLocalChains() public {
        Policy memory rules = policy();
        uint256[3] memory chains = [uint256(1), 1338, 11_155_111];
        for (uint256 i; i < chains.length; ++i) {
            vm.chainId(chains[i]);
            vm.expectRevert(abi.encodeWithSelector(TrustRoot.SimulatedOffLocalChain.selector, chains[i]));
            new DcapVerifier(root, rules, true);
        }
        vm.chainId(1337);
        assertTrue(new DcapVerifier(root, rules, true).simulated(), "simulated, and says so");
    }

    function test_S15_constructor_refusesAChainWithoutP256() public {
        Policy memory rules = policy();
        // Nothing at all, and everything, is valid.
        bytes[2] memory answers = [bytes(""), abi.encode(1)];
        for (uint256 i; i < answers.length; ++i) {
            vm.mockCall(address(0x100), "", answers[i]);
            vm.expectRevert(TrustRoot.P256Missing.selector);
            new DcapVerifier(root, rules, true);
        }
    }

    function test_S15_constructor_refusesWhatIsNoRoot() public {
        _expectRefusal(base.pckCa, "TRUST_ROOT_INVALID");
        _expectRefusal(base.tcbSigner, "TRUST_ROOT_INVALID");
        _expectRefusal("", "CERT_FORMAT");
        // Another name, though signed by itself.
        bytes memory other = swapped(swapped(root, "SGX Root CA", "SGX Toot CA"), "SGX Root CA", "SGX Toot CA");
        _expectRefusal(reissued(other, ROOT), "TRUST_ROOT_INVALID");
        // Its own name and key, but not its signature.
        _expectRefusal(reissued(root, CA), "TRUST_ROOT_INVALID");
        // May certify, but may not sign lists; may sign lists, but not certify; is no CA.
        _expectRefusal(reissued(swapped(root, hex"03020106", hex"03020204"), ROOT), "TRUST_ROOT_INVALID");
        _expectRefusal(reissued(swapped(root, hex"03020106", hex"03020102"), ROOT), "TRUST_ROOT_INVALID");
        _expectRefusal(
            reissued(swapped(root, hex"30060101ff020101", hex"3006010100020101"), ROOT), "TRUST_ROOT_INVALID"
        );
    }

    function test_S14_constructor_refusesACertificateThatReadsInTwoWays() public {
        // Two common names, and one that is no text.
        bytes memory other = swapped(swapped(root, hex"55040a", hex"550403"), hex"55040a", hex"550403");
        _expectRefusal(reissued(other, ROOT), "CERT_FORMAT");
        other = swapped(swapped(root, hex"5504030c", hex"55040316"), hex"5504030c", hex"55040316");
        _expectRefusal(reissued(other, ROOT), "CERT_FORMAT");
        // One algorithm where it is signed, another where it is not.
        other = swapped(root, hex"06082a8648ce3d040302", hex"06082a8648ce3d040303");
        _expectRefusal(reissued(other, ROOT), "CERT_ALG");
    }

    function test_S15_constructor_refusesARootOutOfItsDates() public {
        vm.warp(ROOT_UNTIL + 1);
        _expectRefusal(root, "ROOT_EXPIRED");
        vm.warp(ROOT_UNTIL);
        new DcapVerifier(root, policy(), true);
        vm.warp(1_704_067_199);
        _expectRefusal(root, "ROOT_NOT_YET_VALID");
    }

    function test_S16_nothingHoldsWhenTheRootHasExpired() public {
        DcapVerifier verifier = filled();
        vm.warp(ROOT_UNTIL + 1);
        vm.expectRevert(refusal("ROOT_EXPIRED"));
        verifier.verify(base.quote, base.leaf, 0);
        vm.expectRevert(refusal("ROOT_EXPIRED"));
        verifier.setRootCrl(base.rootCrl);
    }

    function test_constructor_refusesAPolicyThatMeansNothing() public {
        Policy memory rules = policy();
        rules.statusMask = 0;
        _expectInvalid(rules, "accepts no status");
        // Nobody accepts a revoked level.
        rules.statusMask = 1 << 6;
        _expectInvalid(rules, "accepts a status that is none");
        rules = policy();
        rules.advisoryIds[1] = "";
        _expectInvalid(rules, "an advisory's id has not 1 to 31 characters");
        rules.advisoryIds[1] = "INTEL-SA-00334 and some words more";
        _expectInvalid(rules, "an advisory's id has not 1 to 31 characters");
    }

    function test_policyHash_isThatOfThePolicy() public {
        Policy memory rules = policy();
        vm.expectEmit(false, false, false, true);
        emit PlatformPolicy.PolicySet(rules);
        assertEq(new DcapVerifier(root, rules, true).policyHash(), keccak256(abi.encode(rules)), "hash");
    }

    function _expectRefusal(bytes memory der, bytes32 code) private {
        Policy memory rules = policy();
        vm.expectRevert(refusal(code));
        new DcapVerifier(der, rules, true);
    }

    function _expectInvalid(Policy memory rules, string memory reason) private {
        vm.expectRevert(abi.encodeWithSelector(PlatformPolicy.InvalidPolicy.selector, reason));
        new DcapVerifier(root, rules, true);
    }
}
