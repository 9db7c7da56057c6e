// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Attestation, IAttestationVerifier} from "../interfaces/IAttestationVerifier.sol";
import {Receipts} from "../libraries/Receipts.sol";

/**
 * Believes a quote because the Attestation service signed that it verified it.
 *
 * The service's word covers the quote's signatures and collateral. What the quote says is read here, from the signed bytes
 * themselves: the service cannot put another enclave or identity into a quote. Clients verify every quote themselves as well.
 */
contract SignedVerdictVerifier is IAttestationVerifier {
    bytes32 private constant VERDICT_TYPE_HASH = keccak256("Verdict(bytes32 quoteHash,uint64 validUntil)");

    // Intel SGX DCAP quote, version 3: a header of 48 bytes, then the enclave's report body of 384.
    uint256 private constant BODY = 48;
    uint256 private constant FLAGS = BODY + 48;
    uint256 private constant MRENCLAVE = BODY + 64;
    uint256 private constant REPORT_DATA = BODY + 320;
    uint256 private constant BODY_END = BODY + 384;
    /// Version 3, little-endian; attestation key type 2 (ECDSA P-256); TEE type 0 (SGX).
    bytes8 private constant HEADER_START = hex"0300020000000000";
    bytes1 private constant DEBUG = 0x02;

    address public immutable attester;
    bytes32 public immutable domainSeparator;

    error ZeroAttester();
    error QuoteTooShort(uint256 length, uint256 least);
    /// @dev Only SGX quotes of version 3 with an ECDSA P-256 attestation key.
    error UnsupportedQuote(bytes8 headerStart);
    /// @dev The host can read and write a debug enclave's memory.
    error DebugEnclave();
    error WrongEvidenceLength(uint256 length, uint256 expected);
    /// @dev Another service signed, or over another quote, validity, chain or verifier.
    error NotAttester(address recovered, address attester);

    constructor(address attester_) {
        if (attester_ == address(0)) revert ZeroAttester();
        attester = attester_;
        domainSeparator = Receipts.domainSeparator("Enigma Attestation", address(this));
    }

    /// @inheritdoc IAttestationVerifier
    /// @dev evidence = abi.encode(uint64 validUntil, bytes32 r, bytes32 vs), the EIP-712 signature over
    /// `Verdict(bytes32 quoteHash,uint64 validUntil)`.
    function verify(bytes calldata quote, bytes calldata evidence) external view returns (Attestation memory) {
        if (quote.length < BODY_END) revert QuoteTooShort(quote.length, BODY_END);
        if (bytes8(quote[:8]) != HEADER_START) revert UnsupportedQuote(bytes8(quote[:8]));
        if (quote[FLAGS] & DEBUG != 0) revert DebugEnclave();
        if (evidence.length != 96) revert WrongEvidenceLength(evidence.length, 96);
        (uint64 validUntil, bytes32 r, bytes32 vs) = abi.decode(evidence, (uint64, bytes32, bytes32));

        bytes32 verdict = keccak256(abi.encode(VERDICT_TYPE_HASH, keccak256(quote), validUntil));
        address recovered = Receipts.recover(Receipts.typedDigest(domainSeparator, verdict), r, vs);
        if (recovered != attester) revert NotAttester(recovered, attester);

        return Attestation({
            measurement: bytes32(quote[MRENCLAVE:]),
            identity: bytes32(quote[REPORT_DATA:]),
            freshness: bytes32(quote[REPORT_DATA + 32:]),
            validUntil: validUntil
        });
    }
}
