// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice A revocation list as it is kept. Zero where none was ever set.
struct CrlView {
    /// Unix seconds.
    uint64 thisUpdate;
    uint64 nextUpdate;
}

/// @notice A TCB info or QE identity as it is kept. Zero where none was ever set.
struct DocumentView {
    /// Unix seconds.
    uint64 issueDate;
    uint64 nextUpdate;
    /// `tcbEvaluationDataNumber`.
    uint32 evaluationNumber;
}

/**
 * @title Intel's collateral, kept on chain
 * @notice Anyone may bring any part: each is verified here, under the trust root, and none may be older than what is held.
 * The order of a first filling: root CRL, PCK CA, PCK CRL, TCB signer, TCB info, QE identity.
 *
 * All functions revert with `IAttestationVerifier.AttestationRefused` and the code of the first check that failed. Setting
 * what is held already, byte for byte as new, is refused with the part's `…_ROLLBACK`; certificates that are known are
 * accepted again and change nothing.
 */
interface ICollateral {
    /// @notice The root's revocation list is in force.
    /// @param thisUpdate When it was issued, Unix seconds.
    /// @param nextUpdate Until when it is fresh, Unix seconds.
    /// @param newlyRevoked How many serial numbers were not held as revoked before.
    event RootCrlSet(uint64 thisUpdate, uint64 nextUpdate, uint256 newlyRevoked);
    /// @notice A PCK CA is known.
    /// @param issuer keccak256 of the issuer's distinguished name in DER.
    /// @param serial The certificate's serial number.
    /// @param notAfter When it ends, Unix seconds.
    event PckCaSet(bytes32 indexed issuer, bytes32 serial, uint64 notAfter);
    /// @notice A PCK CA's revocation list is in force.
    /// @param issuer keccak256 of the issuer's distinguished name in DER.
    /// @param thisUpdate When it was issued, Unix seconds.
    /// @param nextUpdate Until when it is fresh, Unix seconds.
    /// @param newlyRevoked How many serial numbers were not held as revoked before.
    event PckCrlSet(bytes32 indexed issuer, uint64 thisUpdate, uint64 nextUpdate, uint256 newlyRevoked);
    /// @notice Intel's TCB signer is known.
    /// @param serial The certificate's serial number.
    /// @param notAfter When it ends, Unix seconds.
    event TcbSignerSet(bytes32 serial, uint64 notAfter);
    /// @notice The TCB info of a kind of platform is in force.
    /// @param fmspc The kind of platform.
    /// @param pceId Its provisioning certification enclave.
    /// @param issueDate When it was issued, Unix seconds.
    /// @param nextUpdate Until when it is fresh, Unix seconds.
    /// @param evaluationNumber Its `tcbEvaluationDataNumber`.
    event TcbInfoSet(bytes6 indexed fmspc, bytes2 pceId, uint64 issueDate, uint64 nextUpdate, uint32 evaluationNumber);
    /// @notice The quoting enclave's identity is in force.
    /// @param issueDate When it was issued, Unix seconds.
    /// @param nextUpdate Until when it is fresh, Unix seconds.
    /// @param evaluationNumber Its `tcbEvaluationDataNumber`.
    event QeIdentitySet(uint64 issueDate, uint64 nextUpdate, uint32 evaluationNumber);

    /// @notice The root's revocation list, DER.
    /// @param der The list in DER.
    function setRootCrl(bytes calldata der) external;

    /// @notice The certificate of a PCK CA (Platform or Processor), DER, issued by the root.
    /// @param der The certificate in DER.
    function setPckCa(bytes calldata der) external;

    /// @notice The revocation list of a PCK CA that was set before, DER. About 26,000 gas per serial not seen before.
    /// A list, the root's too, with 300 of these or more revokes 300 at a time: it is sent again until its event says that it is set.
    /// @param der The list in DER.
    function setPckCrl(bytes calldata der) external;

    /// @notice The certificate of Intel's TCB signer, DER, issued by the root. One that begins before the one held is refused with
    /// TCB_SIGNER_ROLLBACK, unless that has ended or is revoked.
    /// @param der The certificate in DER.
    function setTcbSigner(bytes calldata der) external;

    /// @notice TCB info of SGX, version 3: the exact bytes that were signed, from `{"id":"SGX"` to its closing brace.
    /// @param json The bytes that were signed.
    /// @param r First half of the signature.
    /// @param s Second half of the signature.
    function setTcbInfo(bytes calldata json, bytes32 r, bytes32 s) external;

    /// @notice The SGX quoting enclave's identity, version 2: the exact bytes that were signed.
    /// @param json The bytes that were signed.
    /// @param r First half of the signature.
    /// @param s Second half of the signature.
    function setQeIdentity(bytes calldata json, bytes32 r, bytes32 s) external;

    /// @notice SHA-256 of the trust root's certificate; Intel's is 44a0196b…b674d3.
    /// @return The hash.
    function rootHash() external view returns (bytes32);

    /// @notice The root's revocation list.
    /// @return Its times.
    function rootCrl() external view returns (CrlView memory);

    /// @notice The revocation list of a PCK CA.
    /// @param issuer keccak256 of the CA's distinguished name in DER.
    /// @return Its times.
    function pckCrl(bytes32 issuer) external view returns (CrlView memory);

    /// @notice notAfter of the PCK CA named `issuer`; zero where it is not known.
    /// @param issuer keccak256 of the issuer's distinguished name in DER.
    /// @return Unix seconds.
    function pckCaUntil(bytes32 issuer) external view returns (uint64);

    /// @notice Serial number and notAfter of the TCB signer; zero where none was set.
    /// @return serial The serial number.
    /// @return notAfter Unix seconds.
    function tcbSigner() external view returns (bytes32 serial, uint64 notAfter);

    /// @notice The TCB info of a kind of platform.
    /// @param fmspc The kind of platform.
    /// @param pceId Its provisioning certification enclave.
    /// @return Its times and number.
    function tcbInfo(bytes6 fmspc, bytes2 pceId) external view returns (DocumentView memory);

    /// @notice The quoting enclave's identity.
    /// @return Its times and number.
    function qeIdentity() external view returns (DocumentView memory);

    /// @notice Whether a certificate is revoked.
    /// @param issuer keccak256 of the issuer's distinguished name in DER; the root's own for CAs and signers.
    /// @param serial The serial number asked about.
    /// @return Whether a list that was set names it.
    function isRevoked(bytes32 issuer, bytes32 serial) external view returns (bool);
}
