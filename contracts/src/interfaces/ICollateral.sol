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
    event RootCrlSet(uint64 thisUpdate, uint64 nextUpdate, uint256 newlyRevoked);
    event PckCaSet(bytes32 indexed issuer, bytes32 serial, uint64 notAfter);
    event PckCrlSet(bytes32 indexed issuer, uint64 thisUpdate, uint64 nextUpdate, uint256 newlyRevoked);
    event TcbSignerSet(bytes32 serial, uint64 notAfter);
    event TcbInfoSet(bytes6 indexed fmspc, bytes2 pceId, uint64 issueDate, uint64 nextUpdate, uint32 evaluationNumber);
    event QeIdentitySet(uint64 issueDate, uint64 nextUpdate, uint32 evaluationNumber);

    /// @notice The root's revocation list, DER.
    function setRootCrl(bytes calldata der) external;

    /// @notice The certificate of a PCK CA (Platform or Processor), DER, issued by the root.
    function setPckCa(bytes calldata der) external;

    /// @notice The revocation list of a PCK CA that was set before, DER. About 26,000 gas per serial not seen before.
    /// A list, the root's too, with 300 of these or more revokes 300 at a time: it is sent again until its event says that it is set.
    function setPckCrl(bytes calldata der) external;

    /// @notice The certificate of Intel's TCB signer, DER, issued by the root. One that begins before the one held is refused with
    /// TCB_SIGNER_ROLLBACK, unless that has ended or is revoked.
    function setTcbSigner(bytes calldata der) external;

    /// @notice TCB info of SGX, version 3: the exact bytes that were signed, from `{"id":"SGX"` to its closing brace.
    function setTcbInfo(bytes calldata json, bytes32 r, bytes32 s) external;

    /// @notice The SGX quoting enclave's identity, version 2: the exact bytes that were signed.
    function setQeIdentity(bytes calldata json, bytes32 r, bytes32 s) external;

    /// @notice SHA-256 of the trust root's certificate; Intel's is 44a0196b…b674d3.
    function rootHash() external view returns (bytes32);

    function rootCrl() external view returns (CrlView memory);

    /// @param issuer keccak256 of the CA's distinguished name in DER.
    function pckCrl(bytes32 issuer) external view returns (CrlView memory);

    /// @notice notAfter of the PCK CA named `issuer`; zero where it is not known.
    function pckCaUntil(bytes32 issuer) external view returns (uint64);

    /// @notice Serial number and notAfter of the TCB signer; zero where none was set.
    function tcbSigner() external view returns (bytes32 serial, uint64 notAfter);

    function tcbInfo(bytes6 fmspc, bytes2 pceId) external view returns (DocumentView memory);

    function qeIdentity() external view returns (DocumentView memory);

    /// @param issuer keccak256 of the issuer's distinguished name in DER; the root's own for CAs and signers.
    function isRevoked(bytes32 issuer, bytes32 serial) external view returns (bool);
}
