import { describe, expect, test } from 'vitest'
import { AttestationError } from './attestation-error.ts'
import { codes, keeperCodes } from './codes.ts'
import { verifyWithNoble } from './p256.ts'
import { qeIdentitySchema } from './qe-identity.ts'
import { verifySignedJson } from './signed-json.ts'
import { tcbInfoSchema } from './tcb-info.ts'
import { DAY, type Faults, forge, judge, measurement, NOON, past, reportData, serials } from './testing/forge.ts'
import { refusedChains } from './testing/refused-chains.ts'
import { refusedDocuments } from './testing/refused-documents.ts'
import { refusedPlatforms } from './testing/refused-platforms.ts'
import { refusedQuotes } from './testing/refused-quotes.ts'
import { refusedTdx } from './testing/refused-tdx.ts'
import { forgeTdQuote } from './testing/td-quote.ts'
import { tdxInfo, version4 } from './testing/td-world.ts'
import { establishTrust } from './trust.ts'

const cases = [...refusedQuotes, ...refusedChains, ...refusedDocuments, ...refusedPlatforms, ...refusedTdx]

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof AttestationError) return error.code
    throw error
  }
  return 'accepted'
}

const newStatus = { components: Array<number>(16).fill(0), pceSvn: 0, status: 'Splendid' }
const revokedLevel = { ...newStatus, status: 'Revoked' }
const oldList = { thisUpdate: NOON - 60 * DAY, nextUpdate: NOON - 30 * DAY }
/** Certification data of type 1, which only names the platform. */
const withoutChain = (quote: Uint8Array) => quote.map((byte, at) => (at === 1014 + 32 ? 1 : byte))

describe('verifyQuote', () => {
  test('accepts the sound world that every case below starts from', () => {
    const verdict = judge(forge())
    expect(verdict).toMatchObject({ tee: 'sgx', tcbStatus: 'UpToDate', debug: false, trustRoot: 'custom' })
    expect(verdict.measurement).toBe(`0x${Buffer.from(measurement).toString('hex')}`)
    expect(verdict.reportData).toEqual(reportData)
    expect([verdict.validFrom, verdict.validUntil]).toEqual([NOON - DAY, NOON + 29 * DAY])
  })

  test.each(cases)('refuses with %s: %s', (code, _what, faults) => {
    expect(codeOf(() => judge(forge(faults), faults.policy))).toBe(code)
  })

  test.each([
    ['TCB_INFO', tcbInfoSchema, 'tcbInfo'],
    ['QE_IDENTITY', qeIdentitySchema, 'qeIdentity'],
  ] as const)(
    'refuses with %s_SIGNER_ISSUER_NOT_CA: a document by itself, under a root that may not certify',
    (subject, schema, part) => {
      const { collateral, trustRoot } = forge({ root: { keyUsage: 0x02 } })
      const trust = establishTrust(trustRoot, collateral.rootCaCrl, NOON, verifyWithNoble)
      const document = {
        text: collateral[part],
        signature: collateral[`${part}Signature`],
        issuerChain: collateral[`${part}IssuerChain`],
      }
      expect(codeOf(() => verifySignedJson(subject, document, schema, trust))).toBe(`${subject}_SIGNER_ISSUER_NOT_CA`)
    },
  )

  test('has a case for every code but those that only kept collateral can raise', () => {
    // A root that may not certify is found at the PCK CA before: the test above reaches these two. No policy, no quote.
    const elsewhere = ['TCB_INFO_SIGNER_ISSUER_NOT_CA', 'QE_IDENTITY_SIGNER_ISSUER_NOT_CA', 'POLICY_FORMAT']
    const reached = new Set<string>([...cases.map(([code]) => code), ...elsewhere])
    expect(Object.keys(codes).filter((code) => !reached.has(code))).toEqual(keeperCodes)
  })

  test.each([
    ['CERT_TYPE', 'no chain anywhere, before a root that has expired', { root: past, quote: withoutChain }],
    [
      'PCK_CRL_EXPIRED',
      'an old list, before the revoked machine on it',
      { pckCrl: { ...oldList, revoked: [serials.machine] } },
    ],
    [
      'TCB_NOT_SUPPORTED',
      'a platform below every level, before a status that nobody knows',
      { firmware: { pceSvn: 0 }, levels: [{ ...newStatus, pceSvn: 1 }] },
    ],
    [
      'TCB_NOT_SUPPORTED',
      'a trust domain below every level, before its unknown module',
      {
        quote: () => forgeTdQuote({ ...version4, teeTcbSvn: [0, 9, 0] }),
        tcbInfo: tdxInfo,
        qeIdentity: { id: 'TD_QE' },
      },
    ],
    [
      'DEBUG_ENCLAVE',
      'a debuggable enclave, before its revoked level',
      { enclave: { debug: true }, levels: [revokedLevel] },
    ],
  ] as const)('finds %s first: %s', (code, _what, faults) => {
    expect(codeOf(() => judge(forge(faults as Faults), 'report-only'))).toBe(code)
  })

  test('finds the first fault of several, in the order of the table', () => {
    const order = Object.keys(codes)
    // Neighbours in the table, where both faults can stand in one world.
    const tried = cases.filter(([, , faults]) => !faults.quote && !faults.collateral && !faults.trustRoot)
    for (const [index, [code, , faults]] of tried.entries()) {
      const [later, , laterFaults] = tried.at(index + 7) ?? []
      if (!later || !laterFaults || Object.keys(faults).some((key) => key in laterFaults)) continue
      const found = codeOf(() => judge(forge({ ...laterFaults, ...faults }), faults.policy ?? laterFaults.policy))
      expect(order.indexOf(found), `${code} and ${later}`).toBeLessThanOrEqual(order.indexOf(code))
    }
  })
})
