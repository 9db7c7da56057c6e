// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BlsBeacon} from "../src/beacon/BlsBeacon.sol";
import {BlsKey} from "../src/beacon/BlsKey.sol";
import {VectorReader} from "./support/Vectors.sol";
import {vm} from "./support/Vm.sol";

/// The seed from a BLS signature. Valid and forged signatures come from the vectors (Vectors.t.sol); here, keys and single bits.
contract BlsBeaconTest is VectorReader {
    uint256 private constant GAS = 5_000_000; // a precompile that refuses its input burns the gas it was given
    BlsBeacon private beacon;
    uint256 private epoch;
    bytes32 private anchor;
    bytes private signature;

    function setUp() public {
        open("seed");
        goTo("cases", 0);
        vm.chainId(number("chainId"));
        beacon = new BlsBeacon(addressOf("enigma"), data("publicKey"));
        (epoch, anchor, signature) = (number("epoch"), word("anchor"), data("signature"));
    }

    function test_seed_isTheLow176BitsOfTheProofsHash() public view {
        uint256 seed = beacon.seed(epoch, anchor, signature);
        assertEq(seed, uint256(keccak256(signature)) & (1 << 176) - 1, "seed");
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_S6_seed_revertsWhen_aByteOfTheProofDiffers(uint256 place, uint8 change) public {
        place = bound(place, 0, 127);
        bytes memory forged = signature;
        forged[place] = forged[place] ^ bytes1(uint8(bound(change, 1, 255)));
        vm.expectRevert(abi.encodeWithSelector(BlsBeacon.InvalidSignature.selector, epoch, anchor));
        beacon.seed{gas: GAS}(epoch, anchor, forged);
    }

    /// forge-config: default.fuzz.runs = 16
    function testFuzz_S6_seed_revertsWhen_epochOrAnchorDiffers(uint256 otherEpoch, bytes32 otherAnchor) public {
        vm.assume(otherEpoch != epoch && otherAnchor != anchor);
        vm.expectRevert(abi.encodeWithSelector(BlsBeacon.InvalidSignature.selector, otherEpoch, anchor));
        beacon.seed{gas: GAS}(otherEpoch, anchor, signature);
        vm.expectRevert(abi.encodeWithSelector(BlsBeacon.InvalidSignature.selector, epoch, otherAnchor));
        beacon.seed{gas: GAS}(epoch, otherAnchor, signature);
    }

    function test_S6_seed_revertsWhen_forAnotherChainOrContract() public {
        BlsBeacon other = new BlsBeacon(address(this), beacon.publicKey());
        vm.expectRevert(abi.encodeWithSelector(BlsBeacon.InvalidSignature.selector, epoch, anchor));
        other.seed{gas: GAS}(epoch, anchor, signature);
        vm.chainId(block.chainid + 1);
        vm.expectRevert(abi.encodeWithSelector(BlsBeacon.InvalidSignature.selector, epoch, anchor));
        beacon.seed{gas: GAS}(epoch, anchor, signature);
    }

    function test_S6_seed_revertsWhen_theProofHasAnotherLength() public {
        bytes memory longer = bytes.concat(signature, hex"00");
        vm.expectRevert(abi.encodeWithSelector(BlsBeacon.WrongProofLength.selector, 129, 128));
        beacon.seed(epoch, anchor, longer);
        vm.expectRevert(abi.encodeWithSelector(BlsBeacon.WrongProofLength.selector, 0, 128));
        beacon.seed(epoch, anchor, "");
    }

    /// With the key at infinity, the signature at infinity would be valid over every message.
    function test_S6_constructor_revertsWhen_theKeyIsInfinity() public {
        _refusesKey(new bytes(256));
    }

    function test_S6_constructor_revertsWhen_theKeyIsNoPointOfTheGroup() public {
        bytes memory publicKey = beacon.publicKey();
        publicKey[255] = publicKey[255] ^ 0x01; // off the curve
        _refusesKey(publicKey);
        _refusesKey(new bytes(255));
        _refusesKey(bytes.concat(beacon.publicKey(), hex"00"));
    }

    function test_S6_constructor_revertsWhen_theChainHasNoPairing() public {
        bytes memory publicKey = beacon.publicKey();
        vm.mockCall(address(0x0f), "", ""); // an empty account: the call succeeds and returns nothing
        vm.expectRevert(abi.encodeWithSelector(BlsKey.PrecompileFailed.selector, address(0x0f)));
        this.deployWith(publicKey);
    }

    /// Each stands behind the one before in a hash to the curve: the last one that is missing is the first to be missed.
    function test_S6_seed_revertsWhen_theChainLacksAPrecompile() public {
        address[3] memory needed = [address(0x0b), address(0x10), address(0x05)]; // G1ADD, MAP_FP_TO_G1, MODEXP
        for (uint256 i; i < needed.length; ++i) {
            vm.mockCall(needed[i], "", "");
            vm.expectRevert(abi.encodeWithSelector(BlsKey.PrecompileFailed.selector, needed[i]));
            beacon.seed(epoch, anchor, signature);
        }
    }

    function deployWith(bytes calldata publicKey) external {
        new BlsBeacon(address(this), publicKey);
    }

    function _refusesKey(bytes memory publicKey) private {
        vm.expectRevert(BlsKey.InvalidPublicKey.selector);
        this.deployWith{gas: GAS}(publicKey);
    }
}
