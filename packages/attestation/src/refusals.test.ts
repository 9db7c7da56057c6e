import { describe, expect, test } from 'vitest'
import { AttestationError } from './attestation-error.ts'
import { type AttestationCode, codes } from './codes.ts'
import { DAY, forge, judge, measurement, NOON, reportData } from './testing/forge.ts'
import { refusedChains } from './testing/refused-chains.ts'
import { refusedDocuments } from './testing/refused-documents.ts'
import { refusedPlatforms } from './testing/refused-platforms.ts'
import { refusedQuotes } from './testing/refused-quotes.ts'

const cases = [...refusedQuotes, ...refusedChains, ...refusedDocuments, ...refusedPlatforms]

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof AttestationError) return error.code
    throw error
  }
  return 'accepted'
}

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

  test('has a case for every code', () => {
    const reached = new Set(cases.map(([code]) => code))
    // A root that may not certify is found at the PCK CA before: service/verify-document.test.ts reaches these.
    const elsewhere = [/^TDX_/, /_SIGNER_ISSUER_NOT_CA$/]
    const missing = (Object.keys(codes) as AttestationCode[]).filter(
      (code) => !reached.has(code) && !elsewhere.some((pattern) => pattern.test(code)),
    )
    expect(missing).toEqual([])
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
