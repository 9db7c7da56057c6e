import { encodeAbiParameters, keccak256, parseAbiParameters, toHex } from 'viem'
import { describe, expect, test } from 'vitest'
import type { Hex } from './bytes.ts'
import { headerDigest, type ObservedHeader, observersOf, recoverObserver, signHeader } from './observed-header.ts'
import { signerAddress } from './signature.ts'

const HEADER: ObservedHeader = { chainId: 31337n, number: 7n, hash: `0x${'5a'.repeat(32)}` }
const keys = [1, 2, 3].map((n) => new Uint8Array(32).fill(n)) as [Uint8Array, Uint8Array, Uint8Array]
const observers = keys.map(signerAddress)
const [a, b] = observers as [Hex, Hex, Hex]

test("headerDigest equals viem's encoding", () => {
  const encoded = encodeAbiParameters(parseAbiParameters('bytes32, uint256, uint256, bytes32'), [
    keccak256(toHex('enigma.header.v1')),
    HEADER.chainId,
    HEADER.number,
    HEADER.hash,
  ])
  expect(headerDigest(HEADER)).toBe(keccak256(encoded))
})

describe('recoverObserver', () => {
  test('finds who signed', () => {
    expect(recoverObserver(headerDigest(HEADER), signHeader(keys[0], HEADER))).toBe(a)
  })

  test.each<Partial<ObservedHeader>>([{ chainId: 1n }, { number: 8n }, { hash: `0x${'5b'.repeat(32)}` }])(
    'S12: a signature says nothing about a header with %o',
    (change) => {
      expect(recoverObserver(headerDigest({ ...HEADER, ...change }), signHeader(keys[0], HEADER))).not.toBe(a)
    },
  )

  test('refuses an s of the upper half, with either parity', () => {
    const { r } = signHeader(keys[0], HEADER)
    for (const vs of ['0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1', `0x${'ff'.repeat(32)}`]) {
      expect(() => recoverObserver(headerDigest(HEADER), { r, vs: vs as Hex })).toThrow(
        expect.objectContaining({ code: 'INVALID_SIGNATURE' }),
      )
    }
  })
})

describe('observersOf', () => {
  const [first, second, third] = keys.map((key) => signHeader(key, HEADER)) as [never, never, never]

  test('S12: counts each observer once, and nobody else', () => {
    const stranger = signHeader(new Uint8Array(32).fill(9), HEADER)
    expect(observersOf(headerDigest(HEADER), [second, stranger, first, first], observers)).toEqual([a, b])
    expect(observersOf(headerDigest(HEADER), [first, second, third], [b])).toEqual([b])
    expect(observersOf(headerDigest(HEADER), [], observers)).toEqual([])
  })

  test('does not mind the spelling of an address, nor an observer listed twice', () => {
    const loud = a.toUpperCase().replace('0X', '0x') as Hex
    expect(observersOf(headerDigest(HEADER), [first], [loud, a])).toEqual([a])
  })

  test('S12: what is no signature neither counts nor makes another void', () => {
    const zero: Hex = `0x${'00'.repeat(32)}`
    expect(observersOf(headerDigest(HEADER), [{ r: zero, vs: zero }, first], observers)).toEqual([a])
  })
})
