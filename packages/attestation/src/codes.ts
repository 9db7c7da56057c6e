/**
 * Why a quote is refused: every code, in the order in which the checks are made.
 *
 * A quote with several faults is refused for the first, so the order is part of the contract between this verifier and
 * the one on chain. docs/protocol/attestation.md prints this table.
 */

export const codes = {
  // 0 · the call itself
  CLOCK_INVALID: 'The time to verify at is not a number of seconds.',
  COLLATERAL_FORMAT: 'The collateral is not in its JSON format.',
  POLICY_FORMAT: 'The policy is not in its JSON format.',

  // 1 · the quote's bytes
  QUOTE_TOO_LARGE: 'The quote is longer than any quoting enclave writes.',
  QUOTE_TRUNCATED: 'The quote ends before its last field.',
  QUOTE_VERSION: 'The quote has a version that this verifier does not know.',
  ATT_KEY_TYPE: 'The attestation key is not ECDSA P-256.',
  TEE_TYPE: 'The quote names a TEE that its version or body does not carry.',
  BODY_TYPE: 'The quote carries a body of an unknown type.',
  BODY_SIZE: 'The size of the body does not fit its type.',
  AUTH_SIZE: 'The signature data has bytes left over.',
  CERT_TYPE: 'The quote carries no PCK certificate chain, and neither does the collateral.',
  QE_VENDOR: "The quoting enclave is not Intel's.",

  // 2 · the trust root and its revocation list
  TRUST_ROOT_INVALID: 'The trust root is not a self-signed SGX root certificate.',
  ROOT_NOT_YET_VALID: 'The trust root is not valid yet.',
  ROOT_EXPIRED: 'The trust root has expired.',
  CRL_FORMAT: 'A certificate revocation list is not one.',
  CRL_NO_NEXT_UPDATE: 'A certificate revocation list does not say until when it holds.',
  ROOT_CRL_ISSUER: "The root's revocation list was issued by somebody else.",
  ROOT_CRL_SIGNATURE: "The root's revocation list is not signed by the trust root.",
  ROOT_CRL_NOT_YET_VALID: "The root's revocation list is from the future.",
  ROOT_CRL_EXPIRED: "The root's revocation list has expired.",

  // 3 · the platform's certificate (PCK)
  PCK_CHAIN: 'The PCK chain is not leaf, CA and root.',
  CERT_FORMAT: 'A certificate is not DER as RFC 5280 has it.',
  CERT_ALG: 'A certificate is not signed with ECDSA and SHA-256.',
  CERT_KEY: 'A certificate does not certify a P-256 key.',
  CERT_DUP_EXT: 'A certificate carries an extension twice.',
  CERT_CRITICAL_EXT: 'A certificate carries a critical extension that this verifier does not know.',
  PCK_ROOT_UNTRUSTED: 'The PCK chain ends in another root.',
  PCK_CA_CN: 'The PCK CA does not bear the name of one.',
  PCK_CN: 'The PCK certificate does not bear the name of one.',
  PCK_IS_CA: 'The PCK certificate is a CA.',
  PCK_KEY_USAGE: 'The PCK certificate may not sign.',
  PCK_CA_ISSUER: 'The PCK CA names another issuer than the root.',
  PCK_CA_ISSUER_NOT_CA: 'The root is not a CA.',
  PCK_CA_SIGNATURE: 'The PCK CA is not signed by the root.',
  PCK_CA_NOT_YET_VALID: 'The PCK CA is not valid yet.',
  PCK_CA_EXPIRED: 'The PCK CA has expired.',
  PCK_CA_REVOKED: 'The PCK CA is revoked.',
  PCK_ISSUER: 'The PCK certificate names another issuer than the PCK CA.',
  PCK_ISSUER_NOT_CA: 'The issuer of the PCK certificate is not a CA.',
  PCK_SIGNATURE: 'The PCK certificate is not signed by the PCK CA.',
  PCK_NOT_YET_VALID: 'The PCK certificate is not valid yet.',
  PCK_EXPIRED: 'The PCK certificate has expired.',
  PCK_CRL_ISSUER: "The PCK revocation list was not issued by this platform's PCK CA.",
  PCK_CRL_SIGNATURE: 'The PCK revocation list is not signed by the PCK CA.',
  PCK_CRL_NOT_YET_VALID: 'The PCK revocation list is from the future.',
  PCK_CRL_EXPIRED: 'The PCK revocation list has expired.',
  PCK_REVOKED: "The platform's PCK certificate is revoked.",
  SGX_EXT_MISSING: "The PCK certificate lacks Intel's SGX extension.",
  SGX_EXT_DUP: "Intel's SGX extension has a field twice.",
  SGX_EXT: "Intel's SGX extension is not in its format.",

  // 4 · TCB info and QE identity
  TCB_INFO_CHAIN: 'The chain of the TCB info is not signer and root.',
  TCB_INFO_ROOT_UNTRUSTED: 'The chain of the TCB info ends in another root.',
  TCB_INFO_SIGNER_CN: 'The signer of the TCB info does not bear the name of one.',
  TCB_INFO_SIGNER_IS_CA: 'The signer of the TCB info is a CA.',
  TCB_INFO_SIGNER_KEY_USAGE: 'The signer of the TCB info may not sign.',
  TCB_INFO_SIGNER_ISSUER: 'The signer of the TCB info names another issuer than the root.',
  TCB_INFO_SIGNER_ISSUER_NOT_CA: 'The root is not a CA.',
  TCB_INFO_SIGNER_SIGNATURE: 'The signer of the TCB info is not certified by the root.',
  TCB_INFO_SIGNER_NOT_YET_VALID: 'The signer of the TCB info is not valid yet.',
  TCB_INFO_SIGNER_EXPIRED: 'The signer of the TCB info has expired.',
  TCB_INFO_SIGNER_REVOKED: 'The signer of the TCB info is revoked.',
  TCB_INFO_SIGNATURE: 'The TCB info is not signed by its signer.',
  TCB_INFO_FORMAT: 'The TCB info is not in its format.',
  TCB_INFO_NOT_YET_VALID: 'The TCB info is from the future.',
  TCB_INFO_EXPIRED: 'The TCB info has expired.',
  TCB_INFO_VERSION: 'The TCB info has a version that does not serve this TEE.',
  TCB_INFO_MISMATCH: 'The TCB info is about another kind of platform.',
  QE_IDENTITY_CHAIN: 'The chain of the QE identity is not signer and root.',
  QE_IDENTITY_ROOT_UNTRUSTED: 'The chain of the QE identity ends in another root.',
  QE_IDENTITY_SIGNER_CN: 'The signer of the QE identity does not bear the name of one.',
  QE_IDENTITY_SIGNER_IS_CA: 'The signer of the QE identity is a CA.',
  QE_IDENTITY_SIGNER_KEY_USAGE: 'The signer of the QE identity may not sign.',
  QE_IDENTITY_SIGNER_ISSUER: 'The signer of the QE identity names another issuer than the root.',
  QE_IDENTITY_SIGNER_ISSUER_NOT_CA: 'The root is not a CA.',
  QE_IDENTITY_SIGNER_SIGNATURE: 'The signer of the QE identity is not certified by the root.',
  QE_IDENTITY_SIGNER_NOT_YET_VALID: 'The signer of the QE identity is not valid yet.',
  QE_IDENTITY_SIGNER_EXPIRED: 'The signer of the QE identity has expired.',
  QE_IDENTITY_SIGNER_REVOKED: 'The signer of the QE identity is revoked.',
  QE_IDENTITY_SIGNATURE: 'The QE identity is not signed by its signer.',
  QE_IDENTITY_FORMAT: 'The QE identity is not in its format.',
  QE_IDENTITY_NOT_YET_VALID: 'The QE identity is from the future.',
  QE_IDENTITY_EXPIRED: 'The QE identity has expired.',
  QE_IDENTITY_VERSION: 'The QE identity has an unknown version.',
  QE_IDENTITY_MISMATCH: 'The QE identity is about another quoting enclave.',
  TCB_TYPE: 'The TCB info composes its levels in an unknown way.',

  // 5 · the quoting enclave
  QE_REPORT_SIGNATURE: "The quoting enclave's report is not signed by the platform.",
  QE_REPORT_DATA: "The quoting enclave's report does not bind this attestation key.",
  QE_MISCSELECT: "The quoting enclave's MISCSELECT is not the identity's.",
  QE_ATTRIBUTES: "The quoting enclave's attributes are not the identity's.",
  QE_MRSIGNER: "The quoting enclave's MRSIGNER is not the identity's.",
  QE_ISVPRODID: "The quoting enclave's product id is not the identity's.",
  QE_DEBUG: 'The quoting enclave runs in debug mode.',
  QE_ISVSVN_NOT_SUPPORTED: 'The quoting enclave is older than every level of its identity.',

  // 6 · the quote
  QUOTE_SIGNATURE: 'The quote is not signed by the attestation key.',

  // 7 · the platform's level
  TCB_NOT_SUPPORTED: 'The platform is below every level of the TCB info.',
  TCB_STATUS_UNRECOGNIZED: 'A TCB level has a status that this verifier does not know.',
  TDX_MODULE_MISSING: 'The TCB info says nothing about the TDX module.',
  TDX_MODULE_MISMATCH: 'The TDX module is not one that the TCB info knows.',
  TDX_MODULE_NOT_SUPPORTED: 'The TDX module is older than every level of its identity.',

  // 8 · policy
  DEBUG_ENCLAVE: 'The enclave runs in debug mode: its host reads its memory.',
  TCB_STATUS_REFUSED: 'The policy does not accept the status of this platform.',
  ADVISORY_REFUSED: 'The policy does not accept an advisory that concerns this platform.',
  TCB_EVALUATION_TOO_OLD: 'The collateral stems from a TCB evaluation before the one the policy asks for.',
  FMSPC_DENIED: 'The policy denies this kind of platform.',
  MRENCLAVE_UNKNOWN: 'The policy does not know this measurement.',
  MRSIGNER_UNKNOWN: 'The policy does not know who signed this enclave.',
  ISVPRODID: 'The enclave is another product than the policy asks for.',
  ISVSVN_TOO_LOW: 'The enclave is older than the policy asks for.',
  REPORT_DATA_MISMATCH: 'The quote vouches for other report data.',
  PPID_DENIED: 'The policy denies this platform.',

  // 9 · collateral that is kept, on chain: raised there only
  ROOT_CRL_MISSING: 'No revocation list of the root is kept yet.',
  PCK_CA_MISSING: 'No PCK CA of this name is kept yet.',
  PCK_CRL_MISSING: 'No revocation list of this PCK CA is kept yet.',
  TCB_SIGNER_MISSING: 'No TCB signer is kept yet.',
  TCB_INFO_MISSING: 'No TCB info about this kind of platform is kept yet.',
  QE_IDENTITY_MISSING: 'No QE identity is kept yet.',
  ROOT_CRL_ROLLBACK: "The root's revocation list is not newer than the one kept.",
  PCK_CRL_ROLLBACK: 'The PCK revocation list is not newer than the one kept.',
  TCB_SIGNER_ROLLBACK: 'The TCB signer is older than the one kept.',
  TCB_INFO_ROLLBACK: 'The TCB info is not newer than the one kept, or of an earlier TCB evaluation.',
  QE_IDENTITY_ROLLBACK: 'The QE identity is not newer than the one kept, or of an earlier TCB evaluation.',
  PLATFORM_RECORD: 'The evidence is neither a PCK certificate nor the record that is known.',
} as const

export type AttestationCode = keyof typeof codes

/** Codes that only who keeps collateral can raise: a verification that is handed all of it has nothing to miss. */
export const keeperCodes: readonly AttestationCode[] = (Object.keys(codes) as AttestationCode[]).filter(
  (code) => code === 'PLATFORM_RECORD' || (/_(MISSING|ROLLBACK)$/.test(code) && !/^(SGX_EXT|TDX_MODULE)_/.test(code)),
)
