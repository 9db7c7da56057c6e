// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CrlView, ICollateral} from "../interfaces/ICollateral.sol";
import {Crl, Crls} from "./Crl.sol";
import {Element} from "./Der.sol";
import {refuse} from "./Refusal.sol";
import {TrustRoot} from "./TrustRoot.sol";
import {Certificate, X509} from "./X509.sol";

/// The root's revocation list.
struct RootCrl {
    uint40 thisUpdate;
    uint40 nextUpdate;
    /// The highest number of a TCB signer whom the root has revoked.
    uint24 lastRevokedSigner;
}

/// A PCK CA's times, and those of its revocation list.
struct CaDates {
    uint40 notBefore;
    uint40 notAfter;
    uint40 crlThisUpdate;
    uint40 crlNextUpdate;
    bool isRevoked;
}

struct PckCa {
    CaDates dates;
    uint256 x;
    uint256 y;
}

/// Numbered from 1 in the order in which they came.
struct Signer {
    uint256 number;
    bytes32 serial;
    uint256 notBefore;
    uint256 notAfter;
    uint256 x;
    uint256 y;
}

/**
 * Who speaks for the root, and what is revoked: its revocation list, the PCK CAs with theirs, and the TCB signer.
 *
 * Revocations are by issuer and serial number, never by a certificate's bytes (signatures are malleable), and are only
 * ever added. A PCK CA's name stays revoked once a certificate of that name is: platforms' records name their CA, not
 * its key. A document counts while its signer's number is above that of every revoked one: revoking a signer voids what
 * he and those before him signed, which costs honest documents no more than being set again under the new one.
 */
abstract contract Authorities is TrustRoot, ICollateral {
    /// New serial numbers that one transaction takes, some eight million gas of the 16.7 that it may have (EIP-7825).
    uint256 private constant MOST_REVOKED_AT_ONCE = 300;

    RootCrl private _rootCrl;
    mapping(bytes32 issuer => PckCa) private _pckCas;
    Signer private _signer;
    mapping(bytes32 issuer => mapping(bytes32 serial => bool)) private _revoked;
    // Whom a certificate that the root revokes belongs to.
    mapping(bytes32 serial => bytes32 issuer) private _caNames;
    mapping(bytes32 serial => uint256 number) private _signerNumbers;

    /// @inheritdoc ICollateral
    function setRootCrl(bytes calldata der) external {
        _requireRootInDate();
        Crl memory crl = Crls.parse(der);
        crl.role = "ROOT_CRL";
        crl.requireInForce(ROOT_NAME, ROOT_X, ROOT_Y);
        if (crl.thisUpdate <= _rootCrl.thisUpdate) refuse("ROOT_CRL_ROLLBACK");
        uint256 newlyRevoked = _revoke(ROOT_NAME, crl.entries);
        if (newlyRevoked == MOST_REVOKED_AT_ONCE) return;
        _rootCrl.thisUpdate = uint40(crl.thisUpdate);
        _rootCrl.nextUpdate = uint40(crl.nextUpdate);
        emit RootCrlSet(uint64(crl.thisUpdate), uint64(crl.nextUpdate), newlyRevoked);
    }

    /// @inheritdoc ICollateral
    /// @dev An older certificate than the one of its name that is held changes nothing.
    function setPckCa(bytes calldata der) external {
        _requireRootCrl();
        Certificate memory ca = X509.parse(der);
        bool isPckCa = ca.commonName == PLATFORM_CA_NAME || ca.commonName == PROCESSOR_CA_NAME;
        if (!isPckCa) refuse("PCK_CA_CN");
        ca.role = "PCK_CA";
        _requireGoodUnderRoot(ca);
        if (!ca.isCa || !ca.mayCertify()) refuse("PCK_ISSUER_NOT_CA");
        if (!ca.maySignCrls()) refuse("PCK_CRL_ISSUER");
        PckCa storage held = _pckCas[ca.subject];
        if (held.dates.isRevoked) refuse("PCK_CA_REVOKED");
        if (!_isNewer(ca, held.dates.notBefore, held.dates.notAfter)) return;

        (held.x, held.y) = (ca.x, ca.y);
        (held.dates.notBefore, held.dates.notAfter) = (uint40(ca.notBefore), uint40(ca.notAfter));
        _caNames[ca.serial] = ca.subject;
        emit PckCaSet(ca.subject, ca.serial, uint64(ca.notAfter));
    }

    /// @inheritdoc ICollateral
    /// @dev Intel's longest list so far had 129 serials. A mass revocation goes in by parts, so that it ends no network.
    function setPckCrl(bytes calldata der) external {
        _requireRootCrl();
        Crl memory crl = Crls.parse(der);
        PckCa storage ca = _pckCas[crl.issuer];
        _requireCa(ca.dates);
        crl.role = "PCK_CRL";
        crl.requireInForce(crl.issuer, ca.x, ca.y);
        if (crl.thisUpdate <= ca.dates.crlThisUpdate) refuse("PCK_CRL_ROLLBACK");
        uint256 newlyRevoked = _revoke(crl.issuer, crl.entries);
        if (newlyRevoked == MOST_REVOKED_AT_ONCE) return;
        ca.dates.crlThisUpdate = uint40(crl.thisUpdate);
        ca.dates.crlNextUpdate = uint40(crl.nextUpdate);
        emit PckCrlSet(crl.issuer, uint64(crl.thisUpdate), uint64(crl.nextUpdate), newlyRevoked);
    }

    /// @inheritdoc ICollateral
    /// @dev A certificate that begins before the one held replaces it only once that has ended or is revoked.
    function setTcbSigner(bytes calldata der) external {
        RootCrl memory crl = _requireRootCrl();
        Certificate memory signer = X509.parse(der);
        if (signer.commonName != TCB_SIGNER_NAME) refuse("TCB_INFO_SIGNER_CN");
        if (signer.isCa) refuse("TCB_INFO_SIGNER_IS_CA");
        if (!signer.maySign()) refuse("TCB_INFO_SIGNER_KEY_USAGE");
        signer.role = "TCB_INFO_SIGNER";
        _requireGoodUnderRoot(signer);
        Signer storage held = _signer;
        if (signer.serial == held.serial) return;
        bool isHeldRevoked = held.number <= crl.lastRevokedSigner;
        if (!isHeldRevoked && !_isNewer(signer, held.notBefore, held.notAfter)) refuse("TCB_SIGNER_ROLLBACK");

        held.number += 1;
        _signerNumbers[signer.serial] = held.number;
        (held.serial, held.x, held.y) = (signer.serial, signer.x, signer.y);
        (held.notBefore, held.notAfter) = (signer.notBefore, signer.notAfter);
        emit TcbSignerSet(signer.serial, uint64(signer.notAfter));
    }

    /// @inheritdoc ICollateral
    function rootCrl() external view returns (CrlView memory) {
        return CrlView({thisUpdate: _rootCrl.thisUpdate, nextUpdate: _rootCrl.nextUpdate});
    }

    /// @inheritdoc ICollateral
    function pckCrl(bytes32 issuer) external view returns (CrlView memory) {
        CaDates memory dates = _pckCas[issuer].dates;
        return CrlView({thisUpdate: dates.crlThisUpdate, nextUpdate: dates.crlNextUpdate});
    }

    /// @inheritdoc ICollateral
    function pckCaUntil(bytes32 issuer) external view returns (uint64) {
        return _pckCas[issuer].dates.notAfter;
    }

    /// @inheritdoc ICollateral
    function tcbSigner() external view returns (bytes32 serial, uint64 notAfter) {
        return (_signer.serial, uint64(_signer.notAfter));
    }

    /// @inheritdoc ICollateral
    function isRevoked(bytes32 issuer, bytes32 serial) public view returns (bool) {
        return _revoked[issuer][serial];
    }

    /// @dev Without the root's list in force nothing can be believed.
    function _requireRootCrl() internal view returns (RootCrl memory crl) {
        _requireRootInDate();
        crl = _rootCrl;
        if (crl.nextUpdate == 0) refuse("ROOT_CRL_MISSING");
        if (block.timestamp > crl.nextUpdate) refuse("ROOT_CRL_EXPIRED");
    }

    function _currentSigner() internal view returns (Signer storage) {
        return _signer;
    }

    function _pckCa(bytes32 issuer) internal view returns (PckCa storage) {
        return _pckCas[issuer];
    }

    function _requireCa(CaDates memory ca) internal view {
        if (ca.notAfter == 0) refuse("PCK_CA_MISSING");
        if (block.timestamp > ca.notAfter) refuse("PCK_CA_EXPIRED");
        if (ca.isRevoked) refuse("PCK_CA_REVOKED");
    }

    function _requirePckCrl(CaDates memory ca) internal view {
        if (ca.crlNextUpdate == 0) refuse("PCK_CRL_MISSING");
        if (block.timestamp > ca.crlNextUpdate) refuse("PCK_CRL_EXPIRED");
    }

    function _requireGoodUnderRoot(Certificate memory certificate) private view {
        certificate.requireIssuedBy(ROOT_NAME, ROOT_X, ROOT_Y);
        certificate.requireInDate();
        if (_revoked[ROOT_NAME][certificate.serial]) refuse(certificate.role, "_REVOKED");
    }

    /// @dev Than a certificate that is held, zeros for none. One that has ended is older than all that have not.
    function _isNewer(Certificate memory certificate, uint256 heldFrom, uint256 heldUntil) private view returns (bool) {
        return certificate.notBefore > heldFrom || block.timestamp > heldUntil;
    }

    /// @dev Stops at as many as a transaction takes: the list counts as set once it is sent again and there are fewer.
    function _revoke(bytes32 issuer, Element entries) private returns (uint256 newlyRevoked) {
        unchecked {
            mapping(bytes32 serial => bool) storage revoked = _revoked[issuer];
            bool isRoots = issuer == ROOT_NAME;
            uint256 place = entries.content();
            while (place != entries.end() && newlyRevoked != MOST_REVOKED_AT_ONCE) {
                bytes32 serial;
                (serial, place) = Crls.readEntry(entries, place);
                if (revoked[serial]) continue;
                revoked[serial] = true;
                ++newlyRevoked;
                if (isRoots) _withdraw(serial);
            }
        }
    }

    /// @dev Whoever bears the certificate that the root revokes counts no longer.
    function _withdraw(bytes32 serial) private {
        bytes32 ca = _caNames[serial];
        if (ca != 0) _pckCas[ca].dates.isRevoked = true;
        uint256 number = _signerNumbers[serial];
        if (number > _rootCrl.lastRevokedSigner) _rootCrl.lastRevokedSigner = uint24(number);
    }
}
