// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What a verified quote says, and the platform behind it.
struct Attestation {
    /// MRENCLAVE of an SGX enclave.
    bytes32 measurement;
    /// First half of report_data: keccak256 over the worker's identity, see `IEnigma.takeSeat`.
    bytes32 identity;
    /// Second half of report_data: the hash of a recent block.
    bytes32 freshness;
    /// keccak256 of the PPID, which names the machine.
    bytes32 platformId;
    /// keccak256 of the platform's record: whoever keeps it may show the record instead of the certificate, and recheck it.
    bytes32 platformHash;
    /// Unix time of the collateral's earliest nextUpdate.
    uint64 collateralUntil;
    /// Unix time of the earliest notAfter among the platform's certificate and its CAs'. No grace extends it.
    uint64 certificateUntil;
}

/// @notice How a platform that was once accepted stands against the collateral of now.
enum Standing {
    Good,
    /// Below the policy: an outdated level, a refused advisory.
    Refused,
    /// Its certificate or a CA's is revoked, or its level is.
    Revoked
}

/// @title Who decides that a quote is genuine
interface IAttestationVerifier {
    /// @notice The first check that failed, by its code in docs/protocol/attestation.md, in ASCII: the same code that the
    /// TypeScript verifier throws.
    /// @param code The check's code, left-aligned.
    error AttestationRefused(bytes32 code);

    /// @notice Verifies `quote` against the collateral that is kept on chain and the policy, or reverts with
    /// `AttestationRefused`.
    /// @param quote A DCAP quote of version 3 up to the end of the quoting enclave's authentication data: without its
    /// certification data, which nothing signs.
    /// @param evidence The platform's PCK certificate in DER or, 192 bytes, its record.
    /// @param platformHash keccak256 of the record that is acceptable instead of a certificate; zero for none.
    /// @return What the quote says, and the platform behind it.
    function verify(bytes calldata quote, bytes calldata evidence, bytes32 platformHash)
        external
        view
        returns (Attestation memory);

    /// @notice How the platform stands now. Reverts with `AttestationRefused` only where the collateral itself is missing or
    /// has expired, so that no verdict is possible.
    /// @param record The platform's record, whose hash the caller has compared.
    /// @return How it stands.
    function recheck(bytes calldata record) external view returns (Standing);

    /// @notice keccak256 of the ABI-encoded policy. Enclaves that hand on secrets hold a joiner's quote against that policy.
    /// @return The hash.
    function policyHash() external view returns (bytes32);

    /// @notice Whether quotes of simulated hardware are believed, and only those.
    /// @return Whether they are.
    function simulated() external view returns (bool);
}
