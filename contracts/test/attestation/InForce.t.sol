// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DcapVerifier} from "../../src/attestation/DcapVerifier.sol";
import {Attestation} from "../../src/interfaces/IAttestationVerifier.sol";
import {vm} from "../support/Vm.sol";
import {Forger} from "./Forger.sol";
import {Parts} from "./Parts.sol";

/// Collateral counts to its last second and not a second longer, whatever else is still in force.
contract DcapInForceTest is Forger {
    /// When the base's lists and documents end: 2026-06-30, noon.
    uint256 private constant END = 1_782_820_800;
    bytes private constant TEXT_END = "2026-06-30T12:00:00Z";
    bytes private constant TEXT_LATER = "2027-06-30T12:00:00Z";
    bytes private constant DER_END = "260630120000Z";
    bytes private constant DER_LATER = "270630120000Z";
    bytes private constant CERTIFICATES_END = "491231000000Z";

    DcapVerifier private verifier;
    Parts private parts;
    bytes private record;

    /// @dev Lists and documents end in 2027, certificates in 2049.
    function setUp() public {
        record = vm.parseJsonBytes(readVectors(), ".expected.record");
        parts = base;
        parts.rootCrl = reissued(swapped(base.rootCrl, DER_END, DER_LATER), ROOT);
        parts.pckCrl = reissued(swapped(base.pckCrl, DER_END, DER_LATER), CA);
        parts.tcbInfo = swapped(base.tcbInfo, TEXT_END, TEXT_LATER);
        parts.tcbInfoSignature = signed(parts.tcbInfo);
        parts.qeIdentity = swapped(base.qeIdentity, TEXT_END, TEXT_LATER);
        parts.qeIdentitySignature = signed(parts.qeIdentity);
    }

    function test_S16_aRootCrlEnds() public {
        parts.rootCrl = base.rootCrl;
        _expectEnd("ROOT_CRL_EXPIRED");
    }

    function test_S16_aPckCrlEnds() public {
        parts.pckCrl = base.pckCrl;
        _expectEnd("PCK_CRL_EXPIRED");
    }

    function test_S16_aPckCaEnds() public {
        parts.pckCa = reissued(swapped(base.pckCa, CERTIFICATES_END, DER_END), ROOT);
        _expectEnd("PCK_CA_EXPIRED");
        vm.expectRevert(refusal("PCK_CA_EXPIRED"));
        verifier.setPckCrl(base.pckCrl);
    }

    function test_S16_aTcbSignerEnds_andHisDocumentsWithHim() public {
        parts.tcbSigner = reissued(swapped(base.tcbSigner, CERTIFICATES_END, DER_END), ROOT);
        _expectEnd("TCB_INFO_SIGNER_EXPIRED");
        bytes memory later = swapped(parts.tcbInfo, ISSUED, ISSUED_LATER);
        bytes memory signature = signed(later);
        vm.expectRevert(refusal("TCB_INFO_SIGNER_EXPIRED"));
        this.bringTcbInfo(later, signature);
        // Even under a signer who came after him.
        verifier.setTcbSigner(renewedSigner());
        vm.expectRevert(refusal("TCB_INFO_SIGNER_EXPIRED"));
        verifier.verify(base.quote, base.leaf, 0);
    }

    function test_S16_tcbInfoEnds() public {
        parts.tcbInfo = base.tcbInfo;
        parts.tcbInfoSignature = base.tcbInfoSignature;
        _expectEnd("TCB_INFO_EXPIRED");
    }

    function test_S16_qeIdentityEnds() public {
        parts.qeIdentity = base.qeIdentity;
        parts.qeIdentitySignature = base.qeIdentitySignature;
        _expectEnd("QE_IDENTITY_EXPIRED");
    }

    function bringTcbInfo(bytes memory text, bytes memory signature) external {
        setTcbInfo(verifier, text, signature);
    }

    /// @dev At the end all holds, and says that it ends then; a second later nothing does.
    function _expectEnd(bytes32 code) private {
        verifier = deploy();
        fill(verifier, parts);
        vm.warp(END);
        Attestation memory found = verifier.verify(base.quote, base.leaf, 0);
        uint256 until = found.collateralUntil < found.certificateUntil ? found.collateralUntil : found.certificateUntil;
        assertEq(until, END, "until");
        assertEq(uint256(verifier.recheck(record)), 0, "good");
        vm.warp(END + 1);
        vm.expectRevert(refusal(code));
        verifier.verify(base.quote, base.leaf, 0);
        vm.expectRevert(refusal(code));
        verifier.verify(base.quote, record, keccak256(record));
        vm.expectRevert(refusal(code));
        verifier.recheck(record);
    }
}
