// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Attestation, IAttestationVerifier, Standing} from "../interfaces/IAttestationVerifier.sol";
import {CaDates, PckCa, RootCrl} from "./Authorities.sol";
import {Collateral} from "./Collateral.sol";
import {Document} from "./Document.sol";
import {Platform, Platforms} from "./Platforms.sol";
import {PlatformPolicy, Policy} from "./PlatformPolicy.sol";
import {Quote} from "./Quote.sol";
import {refuse} from "./Refusal.sol";
import {Level, REVOKED, Tcb} from "./Tcb.sol";
import {TrustRoot} from "./TrustRoot.sol";
import {Certificate, X509} from "./X509.sol";

/**
 * From a quote and the collateral kept here to an attestation: SGX quotes of version 3, verified by the chain itself.
 *
 * Reads like the list of checks in docs/protocol/attestation.md, and in its order: the first fault decides the code.
 * The twin of `verifyQuote` in packages/attestation; packages/attestation/vectors/onchain.json holds the two to the
 * same answers.
 *
 * Nobody owns this contract: root and policy are fixed at deployment, and anyone may bring collateral.
 */
contract DcapVerifier is Collateral, IAttestationVerifier {
    /// @param rootDer The root certificate in DER.
    /// @param policy_ Which platforms are good enough.
    /// @param simulated_ Whether hardware is simulated.
    constructor(bytes memory rootDer, Policy memory policy_, bool simulated_)
        TrustRoot(rootDer, simulated_)
        PlatformPolicy(policy_)
    {}

    /// @inheritdoc IAttestationVerifier
    function verify(bytes calldata quote, bytes calldata evidence, bytes32 platformHash)
        external
        view
        returns (Attestation memory)
    {
        bytes memory bytes_ = quote;
        Quote.requireWellFormed(bytes_);
        RootCrl memory crl = _requireRootCrl();
        Platform memory platform = evidence.length == Platforms.RECORD_BYTES
            ? _knownPlatform(evidence, platformHash)
            : _certifiedPlatform(evidence);
        Document tcbInfo_ = _requireTcbInfo(platform.kind(), crl);
        Document qeIdentity_ = _requireQeIdentity(crl);

        Quote.requireQeReportSignature(bytes_, platform.x, platform.y);
        Quote.requireKeyBinding(bytes_);
        Level qeLevel = _requireQe(bytes_, qeIdentity_);
        Quote.requireSignature(bytes_);

        Level level = _levelOf(platform.kind(), tcbInfo_, platform.versions());
        if (level.isNone()) refuse("TCB_NOT_SUPPORTED");
        if (Quote.isDebug(bytes_)) refuse("DEBUG_ENCLAVE");
        bytes32 fault = _fault(platform, level, qeLevel, tcbInfo_, qeIdentity_);
        if (fault != 0) refuse(fault);

        platform.setQeIsvSvn(Quote.qeIsvSvn(bytes_));
        (bytes32 identity, bytes32 freshness) = Quote.reportData(bytes_);
        return Attestation({
            measurement: Quote.measurement(bytes_),
            identity: identity,
            freshness: freshness,
            platformId: platform.id(),
            platformHash: platform.hash(),
            collateralUntil: _collateralUntil(platform, crl, tcbInfo_, qeIdentity_),
            certificateUntil: _certificateUntil(platform, tcbInfo_, qeIdentity_)
        });
    }

    /// @inheritdoc IAttestationVerifier
    function recheck(bytes calldata record) external view returns (Standing) {
        Platform memory platform = Platforms.fromRecord(record);
        CaDates memory ca = _pckCa(platform.issuer).dates;
        // What is revoked stays so, however old the lists are.
        if (ca.isRevoked || isRevoked(platform.issuer, platform.serial)) return Standing.Revoked;
        RootCrl memory crl = _requireRootCrl();
        _requireCa(ca);
        _requirePckCrl(ca);
        Document tcbInfo_ = _requireTcbInfo(platform.kind(), crl);
        Document qeIdentity_ = _requireQeIdentity(crl);

        Level qeLevel = _qeLevelOf(platform.qeIsvSvn());
        Level level = _levelOf(platform.kind(), tcbInfo_, platform.versions());
        if (level.status() == REVOKED || qeLevel.status() == REVOKED) return Standing.Revoked;
        bool isSupported = !level.isNone() && !qeLevel.isNone() && block.timestamp <= platform.notAfter();
        if (!isSupported) return Standing.Refused;
        return _fault(platform, level, qeLevel, tcbInfo_, qeIdentity_) == 0 ? Standing.Good : Standing.Refused;
    }

    /// @inheritdoc IAttestationVerifier
    function policyHash() external view returns (bytes32) {
        return POLICY_HASH;
    }

    /// @inheritdoc IAttestationVerifier
    function simulated() external view returns (bool) {
        return SIMULATED;
    }

    function rootHash() external view returns (bytes32) {
        return ROOT_HASH;
    }

    /// @dev The platform whose record is known by its hash: its certificate was verified when the record was made.
    function _knownPlatform(bytes calldata record, bytes32 platformHash)
        private
        view
        returns (Platform memory platform)
    {
        platform = Platforms.fromRecord(record);
        if (platform.hash() != platformHash) refuse("PLATFORM_RECORD");
        CaDates memory ca = _pckCa(platform.issuer).dates;
        _requireCa(ca);
        if (block.timestamp > platform.notAfter()) refuse("PCK_EXPIRED");
        _requireNotRevoked(ca, platform.issuer, platform.serial);
    }

    function _certifiedPlatform(bytes calldata der) private view returns (Platform memory) {
        Certificate memory leaf = X509.parse(der);
        leaf.role = "PCK";
        if (leaf.commonName != PCK_NAME) refuse("PCK_CN");
        if (leaf.isCa) refuse("PCK_IS_CA");
        if (!leaf.maySign()) refuse("PCK_KEY_USAGE");
        PckCa storage issuer = _pckCa(leaf.issuer);
        CaDates memory ca = issuer.dates;
        _requireCa(ca);
        leaf.requireIssuedBy(leaf.issuer, issuer.x, issuer.y);
        leaf.requireInDate();
        _requireNotRevoked(ca, leaf.issuer, leaf.serial);
        return Platforms.fromCertificate(leaf);
    }

    function _requireNotRevoked(CaDates memory ca, bytes32 issuer, bytes32 serial) private view {
        _requirePckCrl(ca);
        if (isRevoked(issuer, serial)) refuse("PCK_REVOKED");
    }

    /// @dev Why the policy refuses a platform, zero where it does not.
    function _fault(Platform memory platform, Level level, Level qeLevel, Document tcbInfo_, Document qeIdentity_)
        private
        view
        returns (bytes32)
    {
        uint256 status = Tcb.converge(level.status(), qeLevel.status());
        bool hasRefusedAdvisory = level.isRefused() || qeLevel.isRefused();
        return _policyFault(status, hasRefusedAdvisory, tcbInfo_, qeIdentity_, platform.ppid());
    }

    function _collateralUntil(Platform memory platform, RootCrl memory crl, Document tcbInfo_, Document qeIdentity_)
        private
        view
        returns (uint64)
    {
        uint256 listsUntil = _min(crl.nextUpdate, _pckCa(platform.issuer).dates.crlNextUpdate);
        return uint64(_min(listsUntil, _min(tcbInfo_.nextUpdate(), qeIdentity_.nextUpdate())));
    }

    function _certificateUntil(Platform memory platform, Document tcbInfo_, Document qeIdentity_)
        private
        view
        returns (uint64)
    {
        uint256 casUntil = _min(ROOT_UNTIL, _pckCa(platform.issuer).dates.notAfter);
        uint256 signersUntil = _min(tcbInfo_.signerUntil(), qeIdentity_.signerUntil());
        return uint64(_min(platform.notAfter(), _min(casUntil, signersUntil)));
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
