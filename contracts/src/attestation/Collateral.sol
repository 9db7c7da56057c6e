// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {DocumentView, ICollateral} from "../interfaces/ICollateral.sol";
import {Authorities, RootCrl, Signer} from "./Authorities.sol";
import {Document, Documents} from "./Document.sol";
import {Dating, IntelJson, QeIdentity, TcbInfo} from "./IntelJson.sol";
import {Memory} from "./Memory.sol";
import {P256} from "./P256.sol";
import {PlatformPolicy} from "./PlatformPolicy.sol";
import {QeTable, QeTables} from "./QeTable.sol";
import {Quote} from "./Quote.sol";
import {refuse} from "./Refusal.sol";
import {Level, NO_LEVEL} from "./Tcb.sol";

/// QE identity as it is kept.
struct KeptQeIdentity {
    Document document;
    /// Attributes and their mask, 16 bytes each.
    uint256 attributes;
    bytes32 mrSigner;
    QeTable levels;
}

/// A document that somebody brings, and what codes about it begin with.
struct Submission {
    bytes32 subject;
    bytes text;
    bytes32 r;
    bytes32 s;
}

/**
 * TCB info and QE identity, as the current TCB signer signed them.
 *
 * None may be older than the one held, nor of an earlier TCB evaluation, even if it was issued later: Intel issues an
 * evaluation and its predecessor side by side for months, and whoever may choose would choose the one that knows of
 * fewer holes. So the first who brings a new evaluation makes it the one that counts. A document whose signer was
 * revoked holds nothing up.
 */
abstract contract Collateral is Authorities, PlatformPolicy {
    mapping(bytes8 kind => Document) private _tcbInfos;
    mapping(bytes8 kind => mapping(uint256 i => Level)) private _levels;
    KeptQeIdentity private _qeIdentity;

    /// @inheritdoc ICollateral
    function setTcbInfo(bytes calldata json, bytes32 r, bytes32 s) external {
        Submission memory it = Submission({subject: "TCB_INFO", text: json, r: r, s: s});
        (uint256 signerUntil, uint256 signer, uint256 lastRevokedSigner) = _requireSigned(it);
        TcbInfo memory info = IntelJson.readTcbInfo(it.text, _acceptedAdvisoryIds());
        _requireDates(it, info.dating);
        if (info.tcbType != 0) refuse("TCB_TYPE");
        bytes8 kind = bytes8(uint64((info.fmspc << 16) | info.pceId));
        _requireProgress(it, info.dating, _tcbInfos[kind], lastRevokedSigner);

        uint256 own = Documents.ownOfTcbInfo(info.levels.length, _isDeniedKind(bytes6(kind)));
        Document document = Documents.pack(info.dating, signerUntil, signer, own);
        _tcbInfos[kind] = document;
        mapping(uint256 i => Level) storage levels = _levels[kind];
        for (uint256 i; i < info.levels.length; ++i) {
            levels[i] = info.levels[i];
        }
        DocumentView memory shown = _show(document);
        emit TcbInfoSet(
            bytes6(kind), bytes2(uint16(info.pceId)), shown.issueDate, shown.nextUpdate, shown.evaluationNumber
        );
    }

    /// @inheritdoc ICollateral
    function setQeIdentity(bytes calldata json, bytes32 r, bytes32 s) external {
        Submission memory it = Submission({subject: "QE_IDENTITY", text: json, r: r, s: s});
        (uint256 signerUntil, uint256 signer, uint256 lastRevokedSigner) = _requireSigned(it);
        QeIdentity memory identity = IntelJson.readQeIdentity(it.text, _acceptedAdvisoryIds());
        _requireDates(it, identity.dating);
        _requireProgress(it, identity.dating, _qeIdentity.document, lastRevokedSigner);

        uint256 own = Documents.ownOfQeIdentity(identity.miscSelect, identity.miscSelectMask, identity.isvProdId);
        Document document = Documents.pack(identity.dating, signerUntil, signer, own);
        _qeIdentity = KeptQeIdentity({
            document: document,
            attributes: (identity.attributes << 128) | identity.attributesMask,
            mrSigner: identity.mrSigner,
            levels: QeTables.pack(identity.levels)
        });
        DocumentView memory shown = _show(document);
        emit QeIdentitySet(shown.issueDate, shown.nextUpdate, shown.evaluationNumber);
    }

    /// @inheritdoc ICollateral
    function tcbInfo(bytes6 fmspc, bytes2 pceId) external view returns (DocumentView memory) {
        return _show(_tcbInfos[bytes8(fmspc) | (bytes8(pceId) >> 48)]);
    }

    /// @inheritdoc ICollateral
    function qeIdentity() external view returns (DocumentView memory) {
        return _show(_qeIdentity.document);
    }

    function _requireTcbInfo(bytes8 kind, RootCrl memory crl) internal view returns (Document document) {
        document = _tcbInfos[kind];
        _requireInForce(document, crl, "TCB_INFO");
    }

    function _requireQeIdentity(RootCrl memory crl) internal view returns (Document document) {
        document = _qeIdentity.document;
        _requireInForce(document, crl, "QE_IDENTITY");
    }

    /// @dev The highest level of `document`, which is about platforms of `kind`, that one of these versions reaches.
    function _levelOf(bytes8 kind, Document document, uint256 versions) internal view returns (Level) {
        unchecked {
            mapping(uint256 i => Level) storage levels = _levels[kind];
            uint256 count = document.levels();
            for (uint256 i; i < count; ++i) {
                Level level = levels[i];
                if (level.isReachedBy(versions)) return level;
            }
            return NO_LEVEL;
        }
    }

    function _qeLevelOf(uint256 isvSvn) internal view returns (Level) {
        return _qeIdentity.levels.find(isvSvn);
    }

    /// @dev The quote's QE report is of the enclave that the identity describes. Returns the level that it reaches.
    function _requireQe(bytes memory quote, Document document) internal view returns (Level level) {
        if (Quote.qeMiscSelect(quote) & document.miscSelectMask() != document.miscSelect()) refuse("QE_MISCSELECT");
        uint256 attributes = _qeIdentity.attributes;
        if (Quote.qeAttributes(quote) & uint128(attributes) != attributes >> 128) refuse("QE_ATTRIBUTES");
        if (Quote.qeMrSigner(quote) != _qeIdentity.mrSigner) refuse("QE_MRSIGNER");
        if (Quote.qeIsvProdId(quote) != document.isvProdId()) refuse("QE_ISVPRODID");
        // Intel's mask covers the flag; an identity that left it out would still not get a debuggable enclave through.
        if (Quote.qeIsDebug(quote)) refuse("QE_DEBUG");
        level = _qeLevelOf(Quote.qeIsvSvn(quote));
        if (level.isNone()) refuse("QE_ISVSVN_NOT_SUPPORTED");
    }

    /// @dev The current signer signed it, and may. Returns his notAfter and number, and the number of the last one
    /// revoked.
    function _requireSigned(Submission memory it) private view returns (uint256, uint256, uint256) {
        RootCrl memory crl = _requireRootCrl();
        Signer storage signer = _currentSigner();
        (uint256 until, uint256 number) = (signer.notAfter, signer.number);
        if (number == 0) refuse("TCB_SIGNER_MISSING");
        if (block.timestamp > until) refuse(it.subject, "_SIGNER_EXPIRED");
        if (number <= crl.lastRevokedSigner) refuse(it.subject, "_SIGNER_REVOKED");
        bytes32 hash = Memory.sha(Memory.start(it.text), it.text.length);
        if (!P256.verify(hash, uint256(it.r), uint256(it.s), signer.x, signer.y)) refuse(it.subject, "_SIGNATURE");
        return (until, number, crl.lastRevokedSigner);
    }

    function _requireDates(Submission memory it, Dating memory dating) private view {
        if (block.timestamp < dating.issueDate) refuse(it.subject, "_NOT_YET_VALID");
        if (block.timestamp > dating.nextUpdate) refuse(it.subject, "_EXPIRED");
    }

    function _requireProgress(Submission memory it, Dating memory dating, Document held, uint256 lastRevokedSigner)
        private
        pure
    {
        if (held.signer() <= lastRevokedSigner) return;
        bool isNewer = dating.issueDate > held.issueDate();
        if (!isNewer || dating.evaluationNumber < held.evaluationNumber()) refuse(it.subject, "_ROLLBACK");
    }

    /// @dev A document counts as long as its signer does, whoever signs now.
    function _requireInForce(Document document, RootCrl memory crl, bytes32 subject) private view {
        if (document.isNone()) refuse(subject, "_MISSING");
        if (block.timestamp > document.signerUntil()) refuse(subject, "_SIGNER_EXPIRED");
        if (document.signer() <= crl.lastRevokedSigner) refuse(subject, "_SIGNER_REVOKED");
        if (block.timestamp > document.nextUpdate()) refuse(subject, "_EXPIRED");
    }

    function _show(Document document) private pure returns (DocumentView memory) {
        return DocumentView({
            issueDate: uint64(document.issueDate()),
            nextUpdate: uint64(document.nextUpdate()),
            evaluationNumber: uint32(document.evaluationNumber())
        });
    }
}
