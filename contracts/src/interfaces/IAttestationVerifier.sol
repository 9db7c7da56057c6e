// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What a verified quote says.
struct Attestation {
    /// MRENCLAVE of an SGX enclave.
    bytes32 measurement;
    /// First half of report_data: keccak256 over the worker's identity, see `IEnigma.takeSeat`.
    bytes32 identity;
    /// Second half of report_data: the hash of a recent block.
    bytes32 freshness;
    /// Unix time until which the collateral behind this verdict is valid.
    uint64 validUntil;
}

/// @title Who decides that a quote is genuine
interface IAttestationVerifier {
    /// @notice Verifies `quote` or reverts.
    /// @param quote A DCAP quote in Intel's format (v3 for SGX).
    /// @param evidence What this verifier needs besides: for `SignedVerdictVerifier`, the Attestation service's verdict.
    function verify(bytes calldata quote, bytes calldata evidence) external returns (Attestation memory);
}
