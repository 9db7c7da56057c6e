import { keccak_256 } from '@noble/hashes/sha3.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keccak256 } from './keccak.ts'

const EMPTY = 'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'

/** Different at every place, so that a byte out of place changes the hash. */
const bytesOf = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 167 + (i >> 8)) & 255)

test('hashes nothing to the hash of nothing', () => {
  expect(Buffer.from(keccak256(new Uint8Array())).toString('hex')).toBe(EMPTY)
})

test('hashes every length up to five blocks as noble does', () => {
  for (let length = 0; length <= 5 * 136; length++)
    expect([length, keccak256(bytesOf(length))]).toEqual([length, keccak_256(bytesOf(length))])
})

test('hashes what does not fit its input at once, at and beside each border', () => {
  for (const parts of [1, 2, 17])
    for (const beside of [-136, -1, 0, 1, 136]) {
      const bytes = bytesOf(parts * 4_080 + beside)
      expect([bytes.length, keccak256(bytes)]).toEqual([bytes.length, keccak_256(bytes)])
    }
})

test('hashes any bytes as noble does', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 9_000 }), (bytes) => {
      expect(keccak256(bytes)).toEqual(keccak_256(bytes))
    }),
  )
})

test('returns bytes of its own, which the next hash leaves alone', () => {
  const first = keccak256(bytesOf(1))
  keccak256(bytesOf(2))
  expect(first).toEqual(keccak_256(bytesOf(1)))
})
