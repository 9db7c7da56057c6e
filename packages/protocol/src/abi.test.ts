import fc from 'fast-check'
import { encodeAbiParameters } from 'viem'
import { describe, expect, test } from 'vitest'
import {
  abiAddress,
  abiAddresses,
  abiBool,
  abiBytes,
  abiEncode,
  abiFixedBytes,
  abiUint,
  parseBytes32AndBytes,
} from './abi.ts'
import { bytesToHex, concatBytes, equalBytes, hexToBytes, ZERO_HASH } from './bytes.ts'
import { flip } from './testing/support.ts'

const anyBytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(bytesToHex)
const anyUint = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n })

describe('abiEncode', () => {
  test("equals viem's encoding of words, bytes and address[] in any place", () => {
    const values = fc.tuple(
      anyUint,
      fc.uint8Array({ maxLength: 100 }),
      anyBytes(20),
      fc.array(anyBytes(20), { maxLength: 4 }),
      anyBytes(4),
      fc.boolean(),
      anyBytes(32),
    )
    const types = ['uint256', 'bytes', 'address', 'address[]', 'bytes4', 'bool', 'bytes32'] as const
    fc.assert(
      fc.property(values, ([uint, bytes, address, addresses, bytes4, bool, bytes32]) => {
        const ours = abiEncode(
          abiUint(uint),
          abiBytes(bytes),
          abiAddress(address),
          abiAddresses(addresses),
          abiFixedBytes(bytes4, 4),
          abiBool(bool),
          abiFixedBytes(bytes32),
        )
        const viems = encodeAbiParameters(
          types.map((type) => ({ type })),
          [uint, bytesToHex(bytes), address, addresses, bytes4, bool, bytes32],
        )
        expect(bytesToHex(ours)).toBe(viems)
      }),
    )
  })

  test.each([-1n, 2n ** 256n])('refuses %s as uint256', (value) => {
    expect(() => abiUint(value)).toThrow(expect.objectContaining({ code: 'OUT_OF_RANGE' }))
  })

  test.each([1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
    'refuses the number %s, which is not exact',
    (value) => {
      expect(() => abiUint(value)).toThrow(expect.objectContaining({ code: 'OUT_OF_RANGE' }))
    },
  )

  test('refuses a value too big for its type, and addresses and words of another length', () => {
    expect(() => abiUint(2n ** 32n, 32)).toThrow(expect.objectContaining({ code: 'OUT_OF_RANGE' }))
    expect(() => abiAddress('0x1234')).toThrow(expect.objectContaining({ code: 'MALFORMED_HEX' }))
    expect(() => abiFixedBytes('0xdeadbeef')).toThrow(expect.objectContaining({ code: 'MALFORMED_HEX' }))
  })
})

describe('parseBytes32AndBytes', () => {
  const encode = (first: string, second: Uint8Array) =>
    hexToBytes(
      encodeAbiParameters([{ type: 'bytes32' }, { type: 'bytes' }], [first as `0x${string}`, bytesToHex(second)]),
    )

  test('reads what viem encodes', () => {
    fc.assert(
      fc.property(anyBytes(32), fc.uint8Array({ maxLength: 200 }), (first, second) => {
        const parsed = parseBytes32AndBytes(encode(first, second))
        expect(parsed.first).toBe(first)
        expect(equalBytes(parsed.second, second)).toBe(true)
      }),
    )
  })

  test('S18: accepts one encoding of each message and throws a typed error for all other bytes', () => {
    const mutated = fc
      .tuple(fc.uint8Array({ maxLength: 70 }), fc.nat(), fc.integer({ min: 0, max: 7 }))
      .map(([second, at, bit]) => {
        const good = encode(ZERO_HASH, second)
        return flip(good, at % good.length, bit)
      })
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 256 })), (bytes) => {
        let parsed: ReturnType<typeof parseBytes32AndBytes>
        try {
          parsed = parseBytes32AndBytes(bytes)
        } catch (error) {
          expect(error).toMatchObject({ code: 'MALFORMED_ABI' })
          return
        }
        expect(bytesToHex(encode(parsed.first, parsed.second))).toBe(bytesToHex(bytes))
      }),
      { numRuns: 1000 },
    )
  })

  test.each([
    ['an offset into the words', [0n, 32n, 0n]],
    ['an offset past a gap', [0n, 96n, 0n, 0n]],
    ['an offset of 2^255', [0n, 2n ** 255n, 0n]],
    ['a length of 2^256 - 1', [0n, 64n, 2n ** 256n - 1n]],
    ['a length one too long', [0n, 64n, 33n, 0n]],
    ['zeros behind', [0n, 64n, 0n, 0n]],
  ])('S18: refuses %s', (_, words) => {
    const bytes = concatBytes(...words.map((word) => abiUint(word).word))
    expect(() => parseBytes32AndBytes(bytes)).toThrow(expect.objectContaining({ code: 'MALFORMED_ABI' }))
  })
})
