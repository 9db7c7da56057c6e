/** Worlds whose TCB info or QE identity is wrong: step 4 of the checks. */
import { type Case, type Faults, future, impostor, issuers, named, part, past } from './forge.ts'

export const refusedDocuments: readonly Case[] = [
  ...(['TCB_INFO', 'QE_IDENTITY'] as const).flatMap((subject) => documentCases(subject)),
  ['TCB_INFO_VERSION', 'a version that nobody knows', { tcbInfo: { version: 4 } }],
  ['TCB_INFO_MISMATCH', 'TCB info of another FMSPC', { tcbInfo: { fmspc: '00A067110000' } }],
  ['TCB_INFO_MISMATCH', 'TCB info of another PCE', { tcbInfo: { pceId: '0001' } }],
  ['TCB_INFO_MISMATCH', 'a platform of another FMSPC', { firmware: { fmspc: '00a067110000' } }],
  ['QE_IDENTITY_VERSION', 'a version that nobody knows', { qeIdentity: { version: 1 } }],
  ['QE_IDENTITY_MISMATCH', "the TD quoting enclave's identity", { qeIdentity: { id: 'TD_QE' } }],
  ['TCB_TYPE', 'levels composed in a new way', { tcbInfo: { tcbType: 1 } }],
]

/** TCB info and QE identity go through the same checks. */
function documentCases(subject: 'TCB_INFO' | 'QE_IDENTITY'): Case[] {
  const isTcb = subject === 'TCB_INFO'
  const what = isTcb ? 'TCB info' : 'QE identity'
  const signer = (faults: NonNullable<Faults['tcbSigner']>): Faults =>
    isTcb ? { tcbSigner: faults } : { qeSigner: faults }
  const chain = (faults: NonNullable<Faults['tcbChain']>): Faults =>
    isTcb ? { tcbChain: faults } : { qeChain: faults }
  const content = (changes: Record<string, unknown>): Faults => (isTcb ? { tcbInfo: changes } : { qeIdentity: changes })
  const [text, signature] = isTcb
    ? (['tcbInfo', 'tcbInfoSignature'] as const)
    : (['qeIdentity', 'qeIdentitySignature'] as const)
  return [
    [`${subject}_CHAIN`, `${what} with an empty chain`, chain(() => [])],
    [`${subject}_CHAIN`, `${what} with a chain of three`, chain((it) => [...it, ...it.slice(-1)])],
    [
      `${subject}_ROOT_UNTRUSTED`,
      `${what} under an impostor's root`,
      chain(([it]) => [it, impostor.rootCertificate] as Uint8Array[]),
    ],
    [
      `${subject}_SIGNER_CN`,
      `${what} signed by a platform`,
      signer(named(issuers.signer, 'Simulated SGX PCK Certificate')),
    ],
    [`${subject}_SIGNER_IS_CA`, `${what} signed by a CA`, signer({ caPathLength: 0 })],
    [`${subject}_SIGNER_KEY_USAGE`, `${what} signed by who may not sign`, signer({ keyUsage: 0x20 })],
    [`${subject}_SIGNER_ISSUER`, `${what} signed by a leaf of the CA`, signer({ issuer: issuers.ca })],
    [
      `${subject}_SIGNER_SIGNATURE`,
      `${what} of a signer whom the root did not certify`,
      signer({ issuer: impostor.root }),
    ],
    [`${subject}_SIGNER_NOT_YET_VALID`, `${what} of a signer from the future`, signer(future)],
    [`${subject}_SIGNER_EXPIRED`, `${what} of a signer of old`, signer(past)],
    [
      `${subject}_SIGNER_REVOKED`,
      `${what} of a revoked signer`,
      { ...signer({ serial: Uint8Array.of(9) }), rootCrl: { revoked: [Uint8Array.of(9)] } },
    ],
    [
      `${subject}_SIGNATURE`,
      `${what} with a space in it`,
      { collateral: (all) => ({ ...all, [text]: `${all[text]} ` }) },
    ],
    [`${subject}_SIGNATURE`, `${what} with no signature`, part(signature, '')],
    [`${subject}_SIGNATURE`, `${what} with a signature that is not hex`, part(signature, 'no'.repeat(64))],
    [`${subject}_FORMAT`, `${what} without levels`, content({ tcbLevels: [] })],
    [`${subject}_FORMAT`, `${what} with a date that is none`, content({ nextUpdate: 'tomorrow' })],
    [`${subject}_NOT_YET_VALID`, `${what} from the future`, content({ issueDate: '2026-06-01T12:00:01Z' })],
    [`${subject}_EXPIRED`, `${what} of old`, content({ nextUpdate: '2026-06-01T11:59:59Z' })],
  ]
}
