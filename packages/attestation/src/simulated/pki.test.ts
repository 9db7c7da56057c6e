import { createPublicKey, X509Certificate } from 'node:crypto'
import { hexToBytes } from '@enigma/protocol'
import { describe, expect, test } from 'vitest'
import { AttestationError } from '../attestation-error.ts'
import { leafOf } from '../bare-quote.ts'
import { platformOf, platformOfLeaf } from '../pck.ts'
import { parsePem } from '../pem.ts'
import { defaultPolicy } from '../policy.ts'
import { parseQuote } from '../quote.ts'
import { trustRootOf, trustRoots } from '../trust-roots.ts'
import { verifyQuote } from '../verify.ts'
import { createAuthority, LOCAL_NETWORK } from './authority.ts'
import { createSimulatedPki, NoTimeError } from './pki.ts'
import { ReportDataLengthError } from './quotes.ts'

const now = Date.UTC(2026, 5, 1, 12) / 1000
const measurement = `0x${'5a'.repeat(32)}` as const
const reportData = new Uint8Array(64).fill(7)
const request = { platformName: 'machine-1', measurement, reportData }
const simulated = { at: now, trustRoot: trustRoots.simulated, policy: defaultPolicy }

function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof AttestationError) return error.code
    throw error
  }
  return 'accepted'
}

describe('createSimulatedPki', () => {
  test('issues quotes and collateral that verify, from two processes that share nothing', () => {
    const quote = createSimulatedPki().quote(request)
    const collateral = createSimulatedPki({ now }).collateral()
    const verdict = verifyQuote(quote, collateral, simulated)
    expect(verdict).toMatchObject({ tcbStatus: 'UpToDate', measurement, reportData, trustRoot: 'simulated' })
  })

  test('makes the root that the verifier knows as the simulated one', () => {
    const { rootCertificate } = createAuthority(LOCAL_NETWORK)
    expect(trustRootOf(rootCertificate)).toBe(trustRoots.simulated)
    expect(createSimulatedPki().trustRoot.name).toBe('simulated')
    expect(createSimulatedPki({ name: 'another' }).trustRoot.name).toBe('custom')
  })

  test('makes the same quote of the same request, and tells machines apart', () => {
    const pki = createSimulatedPki({ now })
    expect(pki.quote(request)).toEqual(createSimulatedPki({ now }).quote(request))
    const platformIdOf = (platformName: string) =>
      verifyQuote(pki.quote({ ...request, platformName }), pki.collateral(), simulated).platformId
    expect(platformIdOf('machine-1')).not.toBe(platformIdOf('machine-2'))
  })

  test('writes the layout of a version 3 quote to the byte', () => {
    const bytes = createSimulatedPki().quote(request)
    const quote = parseQuote(bytes)
    expect(quote.version).toBe(3)
    expect(bytes.subarray(48 + 64, 48 + 96)).toEqual(hexToBytes(measurement))
    expect(bytes.subarray(48 + 320, 48 + 384)).toEqual(reportData)
    expect((bytes[48 + 48] ?? 2) & 2).toBe(0)
    expect(bytes.at(-1)).toBe(0)
    expect(platformOf(bytes)).toEqual({ tee: 'sgx', fmspc: '00606a000000', ca: 'platform' })
    expect(platformOfLeaf(leafOf(bytes))).toEqual({ fmspc: '00606a000000', ca: 'platform' })
  })

  test('certifies as X.509 has it: another reader agrees on every name, date and signature', () => {
    const { certification } = parseQuote(createSimulatedPki().quote(request))
    const chain = (parsePem(new TextDecoder().decode(certification.data)) ?? []).map((der) => new X509Certificate(der))
    const [leaf, ca, root] = chain
    if (!leaf || !ca || !root) throw new Error('no chain')
    expect(leaf.checkIssued(ca) && leaf.verify(ca.publicKey)).toBe(true)
    expect(ca.checkIssued(root) && ca.verify(root.publicKey)).toBe(true)
    expect(root.verify(createPublicKey(root.toString()))).toBe(true)
    expect([leaf.ca, ca.ca, root.ca]).toEqual([false, true, true])
  })

  test('S15: says NOT INTEL in every certificate', () => {
    const { certification } = parseQuote(createSimulatedPki().quote(request))
    for (const der of parsePem(new TextDecoder().decode(certification.data)) ?? []) {
      const { subject, issuer } = new X509Certificate(der)
      expect(subject).toContain('NOT INTEL')
      expect(issuer).toContain('NOT INTEL')
      expect(subject).toContain('CN=Simulated SGX')
    }
  })

  test("S15: is refused under Intel's root, and under any other root than its own", () => {
    const pki = createSimulatedPki({ now })
    const [quote, collateral] = [pki.quote(request), pki.collateral()]
    expect(codeOf(() => verifyQuote(quote, collateral, { ...simulated, trustRoot: trustRoots.intel }))).toBe(
      'ROOT_CRL_ISSUER',
    )
    const other = createSimulatedPki({ now, name: 'another' })
    expect(codeOf(() => verifyQuote(quote, collateral, { ...simulated, trustRoot: other.trustRoot }))).toBe(
      'ROOT_CRL_SIGNATURE',
    )
    expect(codeOf(() => verifyQuote(quote, other.collateral(), { ...simulated, trustRoot: other.trustRoot }))).toBe(
      'PCK_ROOT_UNTRUSTED',
    )
  })

  test('S15: a debuggable enclave is refused under every policy', () => {
    const pki = createSimulatedPki({ now })
    const quote = pki.quote({ ...request, debug: true })
    for (const policy of [defaultPolicy, 'report-only'] as const) {
      expect(codeOf(() => verifyQuote(quote, pki.collateral(), { ...simulated, policy }))).toBe('DEBUG_ENCLAVE')
    }
  })

  test("S15: no root but Intel's own bytes is called Intel's", () => {
    const forged = trustRoots.intel.certificate.slice()
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1
    expect(trustRootOf(forged).name).toBe('custom')
    const posing = { name: 'intel', certificate: trustRoots.simulated.certificate } as const
    const pki = createSimulatedPki({ now })
    const verdict = verifyQuote(pki.quote(request), pki.collateral(), { ...simulated, trustRoot: posing })
    expect(verdict.trustRoot).toBe('simulated')
  })

  test('S16: collateral is refused before it was issued and after it has expired', () => {
    const pki = createSimulatedPki({ now })
    const [quote, collateral] = [pki.quote(request), pki.collateral()]
    const { validFrom, validUntil } = verifyQuote(quote, collateral, simulated)
    const codeAt = (at: number) => codeOf(() => verifyQuote(quote, collateral, { ...simulated, at }))
    expect(codeAt(validFrom)).toBe('accepted')
    expect(codeAt(validUntil)).toBe('accepted')
    expect(codeAt(validFrom - 1)).toBe('ROOT_CRL_NOT_YET_VALID')
    expect(codeAt(validUntil + 1)).toBe('ROOT_CRL_EXPIRED')
  })

  test('S16: yesterday’s list does not bring a revoked machine back, and no list is not a clean one', () => {
    const pki = createSimulatedPki({ now })
    const quote = pki.quote(request)
    const revoked = pki.collateral({ revokedPlatforms: [{ platformName: 'machine-1' }] })
    expect(codeOf(() => verifyQuote(quote, revoked, simulated))).toBe('PCK_REVOKED')
    const old = createSimulatedPki({ now: now - 40 * 86_400 }).collateral()
    expect(codeOf(() => verifyQuote(quote, { ...revoked, pckCrl: old.pckCrl }, simulated))).toBe('PCK_CRL_EXPIRED')
    expect(codeOf(() => verifyQuote(quote, { ...revoked, pckCrl: '' }, simulated))).toBe('CRL_FORMAT')
    const emptied = revoked.pckCrl.replace(/.{8}$/, '00000000')
    expect(codeOf(() => verifyQuote(quote, { ...revoked, pckCrl: emptied }, simulated))).toBe('PCK_CRL_SIGNATURE')
  })

  test('asks for a time before it dates anything, and for 64 bytes of report data', () => {
    expect(() => createSimulatedPki().collateral()).toThrow(NoTimeError)
    expect(() => createSimulatedPki().quote({ ...request, reportData: new Uint8Array(32) })).toThrow(
      ReportDataLengthError,
    )
  })
})
