/** The kinds of quote that are met in the wild. */
import { concatBytes } from '@enigma/protocol'
import { describe, expect, test } from 'vitest'
import { AttestationError } from './attestation-error.ts'
import { findChain } from './pck.ts'
import { toPem } from './pem.ts'
import { parseQuote } from './quote.ts'
import { createAuthority } from './simulated/authority.ts'
import { createPlatform } from './simulated/platform.ts'
import { forge, impostor, judge, reportData } from './testing/forge.ts'
import { forgeLaterSgxQuote, forgeTdQuote } from './testing/td-quote.ts'
import { tdxInfo, version4, version5 } from './testing/td-world.ts'

const world = forge()
const chain = findChain(parseQuote(world.quote), undefined).replace(/\0$/, '')
const CERTIFICATION = 1014 + 32
const issuers = toPem(world.caCertificate) + toPem(world.trustRoot)

/** The quote with other certification data: what names the platform, and not its chain. */
function certified(type: number, data: Uint8Array): Uint8Array {
  const head = concatBytes(Uint8Array.of(type, 0, data.length & 0xff, data.length >> 8, 0, 0), data)
  const quote = concatBytes(world.quote.subarray(0, CERTIFICATION), head)
  new DataView(quote.buffer).setUint32(432, quote.length - 436, true)
  return quote
}

function codeOf(run: () => unknown): string {
  try {
    run()
    return 'accepted'
  } catch (error) {
    if (error instanceof AttestationError) return error.code
    throw error
  }
}

describe('a quote', () => {
  test.each([4, 5] as const)('over an enclave in version %d is verified as one in version 3', (version) => {
    const verdict = judge({ ...world, quote: forgeLaterSgxQuote(version) })
    expect(verdict).toEqual(judge(world))
  })

  test.each([
    [1, new Uint8Array(36)],
    [2, new Uint8Array(404)],
    [3, new Uint8Array(404)],
    [4, new Uint8Array(1300)],
    [7, new Uint8Array(10)],
  ])('with certification data of type %d needs the chain in the collateral, and takes it', (type, data) => {
    const quote = certified(type, data)
    const collateral = { ...world.collateral, pckCertificateChain: chain }
    expect(codeOf(() => judge({ ...world, quote }))).toBe('CERT_TYPE')
    expect(judge({ ...world, quote, collateral })).toEqual(judge(world))
    const other = createPlatform(createAuthority('forged'), 'another machine')
    const wrong = { ...collateral, pckCertificateChain: other.chain }
    expect(codeOf(() => judge({ ...world, quote, collateral: wrong }))).toBe('QE_REPORT_SIGNATURE')
  })

  test('that carries its chain is verified by it, whatever the collateral brings', () => {
    const collateral = { ...world.collateral, pckCertificateChain: 'nothing' }
    expect(judge({ ...world, collateral })).toEqual(judge(world))
  })

  test.each([0, 0xa5])('is followed by padding of 0x%s, which says nothing', (byte) => {
    const padded = (quote: Uint8Array) => concatBytes(quote, new Uint8Array(3065).fill(byte))
    expect(judge({ ...world, quote: padded(world.quote) })).toEqual(judge(world))
    const tcbLevels = tdxInfo.tcbLevels.map((level) => ({ ...level, advisoryIDs: [] }))
    const domain = forge({ tcbInfo: { ...tdxInfo, tcbLevels }, qeIdentity: { id: 'TD_QE' } })
    for (const options of [version4, version5]) {
      expect(judge({ ...domain, quote: padded(forgeTdQuote(options)) }).reportData).toEqual(reportData)
    }
  })

  test("with Open Enclave's header in front is told from one of an unknown version", () => {
    const framed = concatBytes(Uint8Array.of(1, 0, 0, 0, 2, 0, 0, 0, 0x3a, 0x12, 0, 0, 0, 0, 0, 0), world.quote)
    expect(() => parseQuote(framed)).toThrow('Open Enclave')
    expect(() => parseQuote(Uint8Array.from(world.quote, (byte, at) => (at === 0 ? 1 : byte)))).toThrow('Found: 1.')
  })
})

describe('the chain beside the PCK revocation list', () => {
  const judgeChain = (pckCrlIssuerChain: string) =>
    codeOf(() => judge({ ...world, collateral: { ...world.collateral, pckCrlIssuerChain } }))

  test('may be left out, and is verified where it is there', () => {
    const { pckCrlIssuerChain: _, ...without } = world.collateral
    expect(codeOf(() => judge({ ...world, collateral: without }))).toBe('accepted')
    expect(judgeChain(issuers)).toBe('accepted')
    expect(judgeChain('')).toBe('PCK_CHAIN')
    expect(judgeChain(issuers + toPem(world.trustRoot))).toBe('PCK_CHAIN')
    expect(judgeChain(toPem(world.caCertificate) + toPem(impostor.rootCertificate))).toBe('PCK_ROOT_UNTRUSTED')
    expect(judgeChain(toPem(impostor.caCertificate) + toPem(world.trustRoot))).toBe('PCK_CA_SIGNATURE')
  })
})
