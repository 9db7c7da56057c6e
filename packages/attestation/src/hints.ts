/** What to do now: a hint for each family of codes, the first that matches. */
import type { AttestationCode } from './codes.ts'

const hints: readonly (readonly [pattern: RegExp, hint: string])[] = [
  [/^CLOCK/, 'Pass the time as unix seconds.'],
  [/^COLLATERAL_FORMAT/, 'Fetch the collateral again from the Attestation service.'],
  [/^POLICY_FORMAT/, 'Correct what is named; docs/protocol/attestation.md has the fields of a policy.'],
  [
    /^(ROOT_CRL|PCK_CA|PCK_CRL|TCB_SIGNER|TCB_INFO|QE_IDENTITY)_MISSING/,
    'Bring the collateral on chain first: enigma attestation sync.',
  ],
  [/_ROLLBACK$/, 'Nothing to do: what is kept is as new, or newer.'],
  [/^PLATFORM_RECORD/, "Send the platform's PCK certificate in DER instead."],
  [
    /^ROOT_CRL_(ISSUER|SIGNATURE)|_ROOT_UNTRUSTED/,
    'Ask for collateral of the root you trust; a local network needs the simulated root, chosen in code.',
  ],
  [/(CRL|TCB_INFO|QE_IDENTITY)_EXPIRED/, 'Fetch fresh collateral; if it is fresh, set the clock.'],
  [/_NOT_YET_VALID/, 'Set the clock.'],
  [/_EXPIRED/, 'The issuer must renew it; if it is current, set the clock.'],
  [/_REVOKED/, 'Do not use this platform.'],
  [
    /^TCB_INFO_MISMATCH|^QE_IDENTITY_MISMATCH|^PCK_CRL_ISSUER/,
    "Fetch the collateral for this quote's FMSPC, TEE and CA.",
  ],
  [
    /^(TCB_NOT_SUPPORTED|TCB_STATUS|ADVISORY|QE_ISVSVN|TDX_MODULE)/,
    "Update the platform's firmware and quoting enclave, or choose another worker.",
  ],
  [/^(DEBUG_ENCLAVE|QE_DEBUG)/, 'Build and sign the enclave for production.'],
  [
    /^(MRENCLAVE|MRSIGNER|ISV|FMSPC|PPID|REPORT_DATA|TCB_EVALUATION)/,
    'Choose another worker, or change the policy if you meant this one.',
  ],
  [/^(TCB_INFO|QE_IDENTITY|CRL|ROOT_CRL|PCK_CRL)/, 'Fetch the collateral again; if it stays so, its source is lying.'],
]

export function hintFor(code: AttestationCode): string {
  for (const [pattern, hint] of hints) if (pattern.test(code)) return hint
  return 'Do not trust this quote; ask the worker for a new one.'
}
