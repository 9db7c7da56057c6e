// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Document} from "./Document.sol";

/// Which genuine platforms are good enough.
struct Policy {
    /// Bit i accepts status i of Tcb.sol. Nothing accepts a revoked level.
    uint16 statusMask;
    /// The least `tcbEvaluationDataNumber` of TCB info and QE identity.
    uint32 minEvaluationNumber;
    /// Advisories that may concern a platform, whatever its status.
    string[] advisoryIds;
    /// Kinds of platform, and machines by their PPID, that are refused.
    bytes6[] deniedFmspcs;
    bytes16[] deniedPlatforms;
}

/**
 * The policy of a deployment. Nothing changes it.
 *
 * Therefore what it says of advisories and kinds of platform is judged once, when collateral is set, and kept beside
 * it.
 */
abstract contract PlatformPolicy {
    uint256 private constant STATUSES = 6;

    /// @dev keccak256 of the ABI-encoded policy, which the event at deployment shows.
    bytes32 internal immutable POLICY_HASH;
    uint256 private immutable STATUS_MASK;
    uint256 private immutable MIN_EVALUATION_NUMBER;

    /// Left-aligned.
    bytes32[] private _advisoryIds;
    mapping(bytes6 fmspc => bool) private _isDeniedFmspc;
    mapping(bytes16 ppid => bool) private _isDeniedPlatform;

    /// @notice The policy, once, at deployment.
    /// @param policy Which platforms are good enough.
    event PolicySet(Policy policy);

    /// @notice What the constructor refuses, and why.
    /// @param reason What is wrong.
    error InvalidPolicy(string reason);

    /// @param policy_ Which platforms are good enough.
    constructor(Policy memory policy_) {
        if (policy_.statusMask == 0) revert InvalidPolicy("accepts no status");
        if (policy_.statusMask >> STATUSES != 0) revert InvalidPolicy("accepts a status that is none");
        STATUS_MASK = policy_.statusMask;
        MIN_EVALUATION_NUMBER = policy_.minEvaluationNumber;
        for (uint256 i; i < policy_.advisoryIds.length; ++i) {
            bytes memory id = bytes(policy_.advisoryIds[i]);
            if (id.length == 0 || id.length > 31) revert InvalidPolicy("an advisory's id has not 1 to 31 characters");
            _advisoryIds.push(bytes32(id));
        }
        for (uint256 i; i < policy_.deniedFmspcs.length; ++i) {
            _isDeniedFmspc[policy_.deniedFmspcs[i]] = true;
        }
        for (uint256 i; i < policy_.deniedPlatforms.length; ++i) {
            _isDeniedPlatform[policy_.deniedPlatforms[i]] = true;
        }
        POLICY_HASH = keccak256(abi.encode(policy_));
        emit PolicySet(policy_);
    }

    function _acceptedAdvisoryIds() internal view returns (bytes32[] memory) {
        return _advisoryIds;
    }

    function _isDeniedKind(bytes6 fmspc) internal view returns (bool) {
        return _isDeniedFmspc[fmspc];
    }

    /// @dev The code of the first demand that a platform does not meet, zero where it meets all.
    function _policyFault(uint256 status, bool hasRefusedAdvisory, Document tcbInfo, Document qeIdentity_, bytes16 ppid)
        internal
        view
        returns (bytes32)
    {
        if ((STATUS_MASK >> status) & 1 == 0) return "TCB_STATUS_REFUSED";
        if (hasRefusedAdvisory) return "ADVISORY_REFUSED";
        bool isOld = tcbInfo.evaluationNumber() < MIN_EVALUATION_NUMBER
            || qeIdentity_.evaluationNumber() < MIN_EVALUATION_NUMBER;
        if (isOld) return "TCB_EVALUATION_TOO_OLD";
        if (tcbInfo.isDeniedKind()) return "FMSPC_DENIED";
        if (_isDeniedPlatform[ppid]) return "PPID_DENIED";
        return 0;
    }
}
