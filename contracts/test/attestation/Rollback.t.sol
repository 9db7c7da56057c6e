// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DcapVerifier} from "../../src/attestation/DcapVerifier.sol";
import {DocumentView} from "../../src/interfaces/ICollateral.sol";
import {vm} from "../support/Vm.sol";
import {Forger} from "./Forger.sol";
import {Parts} from "./Parts.sol";

/// Collateral only ever becomes newer, revocations are only ever added, and a revoked signer's word is void.
contract DcapRollbackTest is Forger {
    bytes32 private constant REVOKED_SIGNER = "TCB_INFO_SIGNER_REVOKED";

    DcapVerifier private verifier;

    function setUp() public {
        verifier = filled();
    }

    function test_S16_setters_refuseWhatIsHeldAlready() public {
        vm.expectRevert(refusal("ROOT_CRL_ROLLBACK"));
        verifier.setRootCrl(base.rootCrl);
        vm.expectRevert(refusal("PCK_CRL_ROLLBACK"));
        verifier.setPckCrl(base.pckCrl);
        vm.expectRevert(refusal("TCB_INFO_ROLLBACK"));
        this.bringTcbInfo(base.tcbInfo, base.tcbInfoSignature);
        vm.expectRevert(refusal("QE_IDENTITY_ROLLBACK"));
        this.bringQeIdentity(base.qeIdentity, base.qeIdentitySignature);
        // Certificates that are known change nothing.
        verifier.setPckCa(base.pckCa);
        verifier.setTcbSigner(base.tcbSigner);
    }

    function test_S16_setters_refuseWhatIsOlderThanHeld() public {
        verifier.setRootCrl(partsOf("rootCrl that begins now").rootCrl);
        verifier.setPckCrl(partsOf("pckCrl that begins now").pckCrl);
        Parts memory info = partsOf("TCB info issued now");
        setTcbInfo(verifier, info.tcbInfo, info.tcbInfoSignature);
        Parts memory identity = partsOf("QE identity issued now");
        setQeIdentity(verifier, identity.qeIdentity, identity.qeIdentitySignature);
        test_S16_setters_refuseWhatIsHeldAlready();
        verifier.verify(base.quote, base.leaf, 0);
    }

    function test_S16_setters_refuseAnEarlierEvaluationHoweverNew() public {
        bytes memory info = swapped(base.tcbInfo, ISSUED, ISSUED_LATER);
        info = swapped(info, 'Number":17', 'Number":16');
        bytes memory signature = signed(info);
        vm.expectRevert(refusal("TCB_INFO_ROLLBACK"));
        this.bringTcbInfo(info, signature);
        bytes memory identity = swapped(base.qeIdentity, ISSUED, ISSUED_LATER);
        identity = swapped(identity, 'Number":17', 'Number":16');
        signature = signed(identity);
        vm.expectRevert(refusal("QE_IDENTITY_ROLLBACK"));
        this.bringQeIdentity(identity, signature);
    }

    function test_S16_setters_keepWhatALaterListDoesNotName() public {
        supersedePckCrl(verifier, "a revoked machine (PCK_REVOKED)");
        verifier.setPckCrl(partsOf("pckCrl that begins now").pckCrl);
        vm.expectRevert(refusal("PCK_REVOKED"));
        verifier.verify(base.quote, base.leaf, 0);
    }

    function test_S16_setters_refuseAListThatMayBePartial() public {
        // An extension of the list, and one of an entry, that say they are critical.
        bytes memory list = swapped(base.rootCrl, hex"0603551d140403020101", hex"0603551d140101ff0400");
        list = reissued(list, ROOT);
        vm.expectRevert(refusal("CRL_FORMAT"));
        verifier.setRootCrl(list);
        list = partsOf("a revoked CA (PCK_CA_REVOKED)").rootCrl;
        list = swapped(list, LIST_ISSUED, LIST_ISSUED_LATER);
        list = reissued(swapped(list, hex"0603551d1504030a0101", hex"0603551d150101ff0400"), ROOT);
        vm.expectRevert(refusal("CRL_FORMAT"));
        verifier.setRootCrl(list);
    }

    function test_S16_aRevokedCaStaysRevoked() public {
        supersedeRootCrl(verifier, "a revoked CA (PCK_CA_REVOKED)");
        vm.expectRevert(refusal("PCK_CA_REVOKED"));
        verifier.verify(base.quote, base.leaf, 0);
        vm.expectRevert(refusal("PCK_CA_REVOKED"));
        verifier.setPckCrl(partsOf("pckCrl that begins now").pckCrl);
        // Nor under another certificate of its name.
        bytes memory renewed = swapped(base.pckCa, CERTIFIED, CERTIFIED_LATER);
        renewed[SERIAL + 5] ^= 0x01;
        renewed = reissued(renewed, ROOT);
        vm.expectRevert(refusal("PCK_CA_REVOKED"));
        verifier.setPckCa(renewed);
    }

    function test_S16_aLaterCaReplacesTheOneHeld_andAnEarlierOneDoesNot() public {
        bytes memory renewed = swapped(base.pckCa, CERTIFIED, CERTIFIED_LATER);
        renewed = swapped(reissued(renewed, ROOT), "491231000000Z", "481231000000Z");
        renewed = reissued(renewed, ROOT);
        uint64 until = verifier.verify(base.quote, base.leaf, 0).certificateUntil;
        verifier.setPckCa(renewed);
        assertTrue(verifier.verify(base.quote, base.leaf, 0).certificateUntil < until, "the later one");
        verifier.setPckCa(base.pckCa);
        assertTrue(verifier.verify(base.quote, base.leaf, 0).certificateUntil < until, "still the later one");
    }

    function test_S16_whatARevokedSignerSignedIsVoid() public {
        revokeByRoot(verifier, base.tcbSigner);
        vm.expectRevert(refusal(REVOKED_SIGNER));
        verifier.verify(base.quote, base.leaf, 0);
        bytes memory later = swapped(base.tcbInfo, ISSUED, ISSUED_LATER);
        bytes memory signature = signed(later);
        vm.expectRevert(refusal(REVOKED_SIGNER));
        this.bringTcbInfo(later, signature);
        // A new signer's documents count, though they are no newer than the void ones.
        verifier.setTcbSigner(renewedSigner());
        vm.expectRevert(refusal(REVOKED_SIGNER));
        verifier.verify(base.quote, base.leaf, 0);
        setTcbInfo(verifier, base.tcbInfo, base.tcbInfoSignature);
        vm.expectRevert(refusal("QE_IDENTITY_SIGNER_REVOKED"));
        verifier.verify(base.quote, base.leaf, 0);
        setQeIdentity(verifier, base.qeIdentity, base.qeIdentitySignature);
        verifier.verify(base.quote, base.leaf, 0);
    }

    function test_S16_aSignerWhoWasReplacedCanStillBeRevoked() public {
        verifier.setTcbSigner(renewedSigner());
        revokeByRoot(verifier, base.tcbSigner);
        vm.expectRevert(refusal(REVOKED_SIGNER));
        verifier.verify(base.quote, base.leaf, 0);
    }

    function test_S16_setTcbSigner_refusesAnOlderOne() public {
        verifier.setTcbSigner(renewedSigner());
        vm.expectRevert(refusal("TCB_SIGNER_ROLLBACK"));
        verifier.setTcbSigner(base.tcbSigner);
    }

    function test_S16_documentsOfAReplacedSignerCountAsLongAsHisCertificate() public {
        verifier.setTcbSigner(renewedSigner());
        verifier.verify(base.quote, base.leaf, 0);
    }

    function test_views_sayWhatIsHeld() public view {
        assertEq(verifier.rootHash(), sha256(root), "root");
        assertEq(verifier.rootCrl().thisUpdate, base.at_ - 1 days, "root CRL");
        bytes memory record = vm.parseJsonBytes(readVectors(), ".expected.record");
        (,, bytes32 issuer, bytes32 serial) = abi.decode(record, (bytes32, bytes32, bytes32, bytes32));
        uint256 until = vm.parseJsonUint(readVectors(), ".expected.certificateUntil");
        assertEq(verifier.pckCaUntil(issuer), until, "CA");
        assertEq(verifier.pckCrl(issuer).nextUpdate, base.at_ + 29 days, "PCK CRL");
        assertTrue(!verifier.isRevoked(issuer, serial), "not revoked");
        (, uint64 signerUntil) = verifier.tcbSigner();
        assertEq(signerUntil, until, "signer");
        DocumentView memory info = verifier.tcbInfo(0x00606a000000, 0);
        assertEq(info.issueDate, base.at_ - 1 days, "TCB info");
        assertEq(info.nextUpdate, base.at_ + 29 days, "TCB info");
        assertEq(info.evaluationNumber, 17, "TCB info");
        assertEq(verifier.qeIdentity().evaluationNumber, 17, "QE identity");
        assertEq(verifier.tcbInfo(0x00606a000000, 0x0001).issueDate, 0, "another PCE's");
    }

    function bringTcbInfo(bytes memory text, bytes memory signature) external {
        setTcbInfo(verifier, text, signature);
    }

    function bringQeIdentity(bytes memory text, bytes memory signature) external {
        setQeIdentity(verifier, text, signature);
    }
}
