import { concatBytes } from '@enigma/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { AttestationError } from './attestation-error.ts'
import { parseCertificate } from './certificate.ts'
import { codes } from './codes.ts'
import { parseCollateral } from './collateral.ts'
import { parseCrl } from './crl.ts'
import { platformOf } from './pck.ts'
import { parseQuote } from './quote.ts'
import { forge, judge, NOON, openPolicy } from './testing/forge.ts'
import { leaf, list } from './testing/x509-samples.ts'
import { trustRootOf } from './trust-roots.ts'
import { verifyQuote } from './verify.ts'

const world = forge()

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
      fc.property(nearly(leaf), (bytes) => allowRefusal(() => parseCertificate(bytes))),
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
