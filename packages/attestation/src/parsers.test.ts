import { bytesToHex, concatBytes, utf8 } from '@enigma/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AttestationError } from './attestation-error.ts'
import { parseCertificate } from './certificate.ts'
import { codes } from './codes.ts'
import { parseCollateral } from './collateral.ts'
import { parseCrl } from './crl.ts'
import { platformOf, platformOfLeaf } from './pck.ts'
import { parseQuote } from './quote.ts'
import { element } from './simulated/der-writer.ts'
import { sign } from './simulated/keys.ts'
import { forge, issuers, judge, NOON, openPolicy } from './testing/forge.ts'
import { leaf, list } from './testing/x509-samples.ts'
import { trustRootOf } from './trust-roots.ts'
import { verifyQuote } from './verify.ts'

const world = forge()
const signText = (text: string) => bytesToHex(sign(issuers.signer.key, utf8(text), 'compact')).slice(2)

/** Bytes that are nearly `sound`: spliced, cut, doubled, overwritten. */
function nearly(sound: Uint8Array): fc.Arbitrary<Uint8Array> {
  const position = fc.nat({ max: sound.length })
  return fc.oneof(
    fc.tuple(position, fc.uint8Array({ maxLength: 8 })).map(([at, bytes]) => {
      const changed = sound.slice()
      changed.set(bytes.subarray(0, sound.length - at), at)
      return changed
    }),
    fc.tuple(position, position).map(([from, to]) => concatBytes(sound.subarray(0, from), sound.subarray(to))),
    fc
      .tuple(position, fc.uint8Array({ maxLength: 40 }))
      .map(([at, bytes]) => concatBytes(sound.subarray(0, at), bytes, sound.subarray(at))),
    fc.uint8Array({ maxLength: 600 }),
  )
}

/** Runs and lets nothing through but the one error, with a code that the table has. */
function allowRefusal(run: () => unknown): void {
  try {
    run()
  } catch (error) {
    if (!(error instanceof AttestationError) || !(error.code in codes)) throw error
  }
}

describe('the parsers', () => {
  test('S18: answer any bytes in place of a quote with a code, and finish', () => {
    const property = fc.property(nearly(world.quote), (quote) => {
      allowRefusal(() => parseQuote(quote))
      allowRefusal(() => platformOf(quote))
    })
    fc.assert(property, { numRuns: 500 })
  })

  test('S18: answer any bytes in place of a certificate or a list with a code', () => {
    fc.assert(
      fc.property(nearly(leaf), (bytes) => {
        allowRefusal(() => parseCertificate(bytes))
        allowRefusal(() => platformOfLeaf(bytes))
      }),
      { numRuns: 500 },
    )
    fc.assert(
      fc.property(nearly(list), (bytes) => allowRefusal(() => parseCrl(bytes))),
      { numRuns: 500 },
    )
  })

  test('S18: answer any JSON in place of collateral, TCB info or QE identity with a code', () => {
    const signedAgain = (changes: object) => allowRefusal(() => judge(forge(changes), 'report-only'))
    fc.assert(fc.property(fc.jsonValue(), (value) => allowRefusal(() => parseCollateral(value))))
    const levels = fc.jsonValue({ maxDepth: 5 })
    const strange = fc.dictionary(
      fc.constantFrom('tcbLevels', 'fmspc', 'id', 'version', 'tdxModuleIdentities', 'issueDate'),
      levels,
    )
    fc.assert(
      fc.property(strange, (tcbInfo) => signedAgain({ tcbInfo })),
      { numRuns: 30 },
    )
    fc.assert(
      fc.property(strange, (qeIdentity) => signedAgain({ qeIdentity })),
      { numRuns: 30 },
    )
  })

  test('S18: refuse collateral whose values only look like text', () => {
    const hostile = { toString: () => world.collateral.tcbInfo, length: 3 }
    const options = { at: NOON, trustRoot: trustRootOf(world.trustRoot), policy: openPolicy }
    const collateral = { ...world.collateral, tcbInfo: hostile as unknown as string }
    expect(() => verifyQuote(world.quote, collateral, options)).toThrow(AttestationError)
  })

  test('S18: read no list or certificate beyond the bound of its size', () => {
    expect(() => parseCrl(new Uint8Array(256 * 1024 + 1))).toThrow('262145 bytes')
    expect(() => parseCertificate(new Uint8Array(4097))).toThrow('4097 bytes')
  })
})

describe('hostile sizes', () => {
  const nested = (levels: number, tag: number) => {
    let inner: Uint8Array = new Uint8Array()
    while (levels-- > 0 && inner.length < 4000) inner = element(tag, inner)
    return inner
  }
  const hugeLength = (sound: Uint8Array, at: number) => {
    const changed = sound.slice()
    changed.fill(0xff, at, at + 4)
    return changed
  }

  test.each([
    ['certificate', parseCertificate],
    ['list', parseCrl],
  ])('S18: DER nested without end is no %s, and takes no stack', (_what, parse) => {
    for (const tag of [0x30, 0x31, 0xa0, 0xa3]) allowRefusal(() => parse(nested(2000, tag)))
    expect(() => parse(nested(2000, 0x30))).toThrow(AttestationError)
    expect(() => parse(Uint8Array.of(0x30, 0x83, 0xff, 0xff, 0xff))).toThrow(AttestationError)
    expect(() => parse(Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff))).toThrow(AttestationError)
  })

  test('S18: a length of four gigabytes in a quote allocates nothing', () => {
    const before = process.memoryUsage().arrayBuffers
    for (const at of [432, 1012, 1014 + 34]) {
      for (let i = 0; i < 1000; i++) expect(() => parseQuote(hugeLength(world.quote, at))).toThrow(AttestationError)
    }
    // Copies of the quote that this test itself makes, until they are collected.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024)
  })

  test.each([
    ['a number of a hundred thousand digits', `{"version":${'9'.repeat(100_000)}}`],
    ['a number beyond all numbers', '{"version":1e999999999}'],
    ['a nesting without end', `{"tcbLevels":${'['.repeat(60_000)}${']'.repeat(60_000)}}`],
    ['a name of a hundred thousand characters', `{"${'\\u0061'.repeat(20_000)}":1}`],
    ['a hundred thousand levels', `{"tcbLevels":[${'{},'.repeat(40_000)}{}]}`],
    ['a name that every object has', '{"__proto__":{"version":3},"constructor":1}'],
    ['a lone surrogate', '{"id":"\\ud800"}'],
  ])('S18: TCB info with %s is refused with a code', (_what, text) => {
    const signed = { ...world.collateral, tcbInfo: text, tcbInfoSignature: signText(text) }
    expect(() => judge({ ...world, collateral: signed }, 'report-only')).toThrow(
      expect.objectContaining({ code: 'TCB_INFO_FORMAT' }),
    )
  })
})
