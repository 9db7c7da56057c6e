// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DcapVerifier} from "../../src/attestation/DcapVerifier.sol";
import {Attestation, Standing} from "../../src/interfaces/IAttestationVerifier.sol";
import {vm} from "../support/Vm.sol";
import {Forger} from "./Forger.sol";
import {Parts} from "./Parts.sol";

/// A platform that was accepted once, shown by its record: in place of its certificate, and to be judged anew.
contract DcapRecheckTest is Forger {
    DcapVerifier private verifier;
    bytes private record;
    bytes32 private recordHash;

    function setUp() public {
        verifier = filled();
        record = vm.parseJsonBytes(readVectors(), ".expected.record");
        recordHash = keccak256(record);
    }

    function test_verify_takesTheRecordInPlaceOfTheCertificate() public view {
        Attestation memory byLeaf = verifier.verify(base.quote, base.leaf, 0);
        Attestation memory byRecord = verifier.verify(base.quote, record, recordHash);
        assertEq(keccak256(abi.encode(byRecord)), keccak256(abi.encode(byLeaf)), "attestation");
    }

    function test_verify_putsTheQuotingEnclavesVersionIntoTheRecord() public view {
        Parts memory newer = partsOf("a quoting enclave newer than every level");
        bytes32 byRecord = verifier.verify(newer.quote, record, recordHash).platformHash;
        assertEq(byRecord, verifier.verify(newer.quote, newer.leaf, 0).platformHash, "as from the certificate");
        assertTrue(byRecord != recordHash, "another record");
    }

    function test_S14_verify_revertsWhen_theRecordIsNotTheKnownOne() public {
        bytes memory other = bytes.concat(record);
        other[170] ^= 0x01;
        vm.expectRevert(refusal("PLATFORM_RECORD"));
        verifier.verify(base.quote, other, recordHash);
        vm.expectRevert(refusal("PLATFORM_RECORD"));
        verifier.verify(base.quote, record, 0);
        vm.expectRevert(refusal("CERT_FORMAT"));
        verifier.verify(base.quote, bytes.concat(record, hex"00"), recordHash);
    }

    function test_S14_verify_revertsWhen_theRecordIsOfAnotherPlatform() public {
        // Known, but its key did not sign this quote's QE report.
        record[0] ^= 0x01;
        vm.expectRevert(refusal("QE_REPORT_SIGNATURE"));
        verifier.verify(base.quote, record, keccak256(record));
    }

    function test_verify_revertsWhen_theRecordsCertificateHasExpired() public {
        record[159] = 0;
        record[158] = 0;
        for (uint256 i = 154; i < 158; ++i) {
            record[i] = 0;
        }
        vm.expectRevert(refusal("PCK_EXPIRED"));
        verifier.verify(base.quote, record, keccak256(record));
        _expect(Standing.Refused);
    }

    function test_recheck_findsAGoodPlatformGood() public view {
        _expect(Standing.Good);
    }

    function test_S16_recheck_refusesWhatNewerCollateralRefuses() public {
        uint256 before = _snapshot();
        string[5] memory documents = [
            "a platform of status OutOfDate",
            "a platform of status OutOfDateConfigurationNeeded",
            "an advisory that is not on the list (ADVISORY_REFUSED)",
            "the last component too low",
            "the PCE too old"
        ];
        for (uint256 i; i < documents.length; ++i) {
            supersedeTcbInfo(verifier, documents[i]);
            _expect(Standing.Refused);
            _restore(before);
        }
        supersedeQeIdentity(verifier, "a quoting enclave of status OutOfDate");
        _expect(Standing.Refused);
        _restore(before);
        supersedeQeIdentity(verifier, "a quoting enclave with an advisory that is not accepted");
        _expect(Standing.Refused);
    }

    function test_S16_recheck_refusesAMachineThatIsDenied() public {
        for (uint256 i = 160; i < 176; ++i) {
            record[i] = 0x09;
        }
        _expect(Standing.Refused);
    }

    function test_S16_recheck_refusesAQuotingEnclaveBelowEveryLevel() public {
        (record[176], record[177]) = (0, 0);
        _expect(Standing.Refused);
    }

    function test_S16_recheck_findsRevokedWhatIntelRevoked() public {
        uint256 before = _snapshot();
        supersedePckCrl(verifier, "a revoked machine (PCK_REVOKED)");
        _expect(Standing.Revoked);
        // However old the lists are.
        vm.warp(base.at_ + 365 days);
        _expect(Standing.Revoked);
        _restore(before);
        supersedeRootCrl(verifier, "a revoked CA (PCK_CA_REVOKED)");
        _expect(Standing.Revoked);
        _restore(before);
        supersedeTcbInfo(verifier, "a platform of status Revoked");
        _expect(Standing.Revoked);
        _restore(before);
        supersedeQeIdentity(verifier, "a quoting enclave of status Revoked");
        _expect(Standing.Revoked);
    }

    function test_S16_recheck_revertsWhere_thereIsNoCollateralToJudgeBy() public {
        DcapVerifier empty = deploy();
        vm.expectRevert(refusal("ROOT_CRL_MISSING"));
        empty.recheck(record);
        bytes32[6] memory codes = [
            bytes32("PCK_CA_MISSING"),
            "PCK_CRL_MISSING",
            "TCB_INFO_MISSING",
            "TCB_INFO_MISSING",
            "QE_IDENTITY_MISSING",
            0
        ];
        for (uint256 i; i < SETTERS; ++i) {
            set(empty, base, i);
            if (codes[i] != 0) vm.expectRevert(refusal(codes[i]));
            empty.recheck(record);
        }
        vm.warp(base.at_ + 60 days);
        vm.expectRevert(refusal("ROOT_CRL_EXPIRED"));
        empty.recheck(record);
    }

    function test_S14_recheck_revertsWhen_theRecordHasAnotherLength() public {
        vm.expectRevert(refusal("PLATFORM_RECORD"));
        verifier.recheck(bytes.concat(record, hex"00"));
        vm.expectRevert(refusal("PLATFORM_RECORD"));
        verifier.recheck("");
    }

    function _expect(Standing standing) private view {
        assertEq(uint256(verifier.recheck(record)), uint256(standing), "standing");
    }
}
