import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { craftInputs } from '../vectors/cases/craft.ts'
import { bytesToHex, concatBytes, hexToBytes, keccak256 } from './bytes.ts'
import { envelopeHead, keyIdOf, parseEnvelope } from './envelope.ts'
import { LIMITS } from './limits.ts'
import { pad } from './padding.ts'
import { flip, testKeys } from './testing/support.ts'

let inputs: Uint8Array
let reply: Uint8Array

beforeAll(async () => {
  const keys = await Promise.all(['a', 'b'].map(testKeys))
  const recipients = keys.map(({ publicKey, secretKey }) => ({
    publicKey: hexToBytes(publicKey),
    ephemeralSecret: secretKey,
  }))
  const padded = pad(new Uint8Array(96), 128)
  inputs = await craftInputs({ context: new Uint8Array(0), recipients, contentKey: new Uint8Array(32), padded })
  reply = concatBytes(envelopeHead(3, 1), new Uint8Array(8 + 32 + 32 + 16).fill(7))
})

/** The bytes that the parts came from. */
function join(parts: ReturnType<typeof parseEnvelope>): Uint8Array {
  if (parts.kind !== 1) return concatBytes(parts.head, hexToBytes(parts.keyId), parts.enc, parts.ciphertext)
  const recipients = parts.recipients.map(({ keyId, enc, wrapped }) => concatBytes(hexToBytes(keyId), enc, wrapped))
  expect(concatBytes(...recipients)).toEqual(parts.recipientsBlock)
  return concatBytes(parts.head, ...recipients, parts.commitment, parts.body)
}

describe('parseEnvelope', () => {
  test('names every byte once', () => {
    for (const bytes of [inputs, reply]) expect(join(parseEnvelope(bytes))).toEqual(bytes)
  })

  test('S18: takes any bytes apart into the same bytes, or throws a typed error', () => {
    const head = fc.tuple(fc.constant(1), fc.constant(1), fc.constantFrom(1, 2, 3), fc.constantFrom(1, 2, 3))
    const random = fc
      .tuple(head, fc.uint8Array({ maxLength: 700 }))
      .map(([first, rest]) => new Uint8Array([...first, ...rest]))
    // Lengths that pass are rare among random ones, so some are made to fit.
    const fitting = fc
      .tuple(fc.constantFrom(2, 3), fc.constantFrom(32, 36, 40, 1024), fc.nat(255))
      .map(([kind, size, fill]) => concatBytes(envelopeHead(kind as 2, 1), new Uint8Array(40 + size + 16).fill(fill)))
    const mutated = fc
      .tuple(fc.boolean(), fc.nat(), fc.integer({ min: 0, max: 7 }))
      .map(([which, at, bit]) => flip(which ? inputs : reply, at % (which ? inputs : reply).length, bit))
    let parsed = 0
    fc.assert(
      fc.property(fc.oneof(random, fitting, mutated, fc.uint8Array({ maxLength: 500 })), (bytes) => {
        let parts: ReturnType<typeof parseEnvelope>
        try {
          parts = parseEnvelope(bytes)
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^ENVELOPE_/), hint: expect.any(String) })
          return
        }
        parsed++
        expect(join(parts)).toEqual(bytes)
      }),
      { numRuns: 1000 },
    )
    expect(parsed).toBeGreaterThan(100)
  })

  test('S18: refuses every length but the right one', () => {
    for (let length = 0; length < inputs.length; length++) {
      expect(() => parseEnvelope(inputs.slice(0, length))).toThrow()
    }
    for (let more = 1; more < 16; more++) {
      expect(() => parseEnvelope(concatBytes(inputs, new Uint8Array(more)))).toThrow(
        expect.objectContaining({ code: 'ENVELOPE_MALFORMED' }),
      )
    }
  })

  test('S18: refuses what is longer than the network takes before it looks at it', () => {
    const huge = concatBytes(envelopeHead(3, 1), new Uint8Array(LIMITS.inputBytes))
    expect(() => parseEnvelope(huge)).toThrow(expect.objectContaining({ code: 'ENVELOPE_TOO_LONG' }))
  })

  test('S18: refuses two recipients with the same key id', () => {
    const twice = concatBytes(inputs.slice(0, 92), inputs.slice(4, 92), inputs.slice(180))
    expect(() => parseEnvelope(twice)).toThrow('same key id')
  })

  test('gives copies: changing the parts leaves the envelope as it is', () => {
    const before = bytesToHex(reply)
    const parts = parseEnvelope(reply)
    parts.head.fill(0xff)
    expect(bytesToHex(reply)).toBe(before)
  })
})

test('keyIdOf is the first 8 bytes of the hash of the public key', async () => {
  const { publicKey } = await testKeys('a')
  expect(keyIdOf(publicKey)).toBe(keccak256(hexToBytes(publicKey)).slice(0, 18))
})
