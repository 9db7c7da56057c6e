// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {P256} from "./P256.sol";
import {refuse} from "./Refusal.sol";
import {Certificate, X509} from "./X509.sol";

/// Whom verification trusts in the end: one root certificate, chosen at deployment by its bytes and fixed for ever.
abstract contract TrustRoot {
    /// SHA-256 of the certificate of Intel's SGX Root CA.
    bytes32 private constant INTEL_ROOT_HASH = 0x44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3;

    /// With which a root's name ends.
    uint96 private constant ROOT_SUFFIX = uint96(bytes12(" SGX Root CA"));

    bytes32 internal immutable ROOT_HASH;
    /// keccak256 of the root's distinguished name in DER.
    bytes32 internal immutable ROOT_NAME;
    uint256 internal immutable ROOT_X;
    uint256 internal immutable ROOT_Y;
    uint256 internal immutable ROOT_UNTIL;
    bool internal immutable SIMULATED;

    // The names of all below, see `Der.number`. They begin as the root's does (`Intel`, or `Simulated`), and keep the
    // roles of certificates apart: a TCB signer is no platform.
    uint256 internal immutable PLATFORM_CA_NAME;
    uint256 internal immutable PROCESSOR_CA_NAME;
    uint256 internal immutable PCK_NAME;
    uint256 internal immutable TCB_SIGNER_NAME;

    /// @dev This chain has no precompile for P-256 (EIP-7951) at 0x100, or one that answers wrongly.
    error P256Missing();
    /// @notice Hardware that is not simulated is vouched for by Intel alone.
    /// @param rootHash SHA-256 of the certificate given.
    error NotIntelsRoot(bytes32 rootHash);
    /// @notice Simulated hardware is for chains 1337 and 31337.
    /// @param chainId This chain's.
    error SimulatedOffLocalChain(uint256 chainId);

    /// @param der The root certificate in DER.
    /// @param simulated_ Whether hardware is simulated.
    constructor(bytes memory der, bool simulated_) {
        if (!P256.works()) revert P256Missing();
        ROOT_HASH = sha256(der);
        SIMULATED = simulated_;
        if (!simulated_ && ROOT_HASH != INTEL_ROOT_HASH) revert NotIntelsRoot(ROOT_HASH);
        bool isLocal = block.chainid == 1337 || block.chainid == 31_337;
        if (simulated_ && !isLocal) revert SimulatedOffLocalChain(block.chainid);

        Certificate memory root = X509.parse(der);
        bool isSelfSigned = root.subject == root.issuer && P256.verify(root.signed, root.r, root.s, root.x, root.y);
        bool isRoot = root.isCa && root.mayCertify() && root.maySignCrls();
        if (!isSelfSigned || !isRoot) refuse("TRUST_ROOT_INVALID");
        root.role = "ROOT";
        root.requireInDate();
        ROOT_NAME = root.subject;
        (ROOT_X, ROOT_Y, ROOT_UNTIL) = (root.x, root.y, root.notAfter);

        // The longest name below leaves it eleven characters.
        uint256 label = root.commonName >> 96;
        if (uint96(root.commonName) != ROOT_SUFFIX || label >> 88 != 0) refuse("TRUST_ROOT_INVALID");
        PLATFORM_CA_NAME = (label << 160) | uint160(bytes20(" SGX PCK Platform CA"));
        PROCESSOR_CA_NAME = (label << 168) | uint168(bytes21(" SGX PCK Processor CA"));
        PCK_NAME = (label << 160) | uint160(bytes20(" SGX PCK Certificate"));
        TCB_SIGNER_NAME = (label << 128) | uint128(bytes16(" SGX TCB Signing"));
    }

    function _requireRootInDate() internal view {
        if (block.timestamp > ROOT_UNTIL) refuse("ROOT_EXPIRED");
    }
}
