import { encodeAbiParameters, keccak256, parseAbiParameters, toHex } from 'viem'
import { expect, test } from 'vitest'
import vectors from '../vectors/head-digest.json' with { type: 'json' }
import type { Hex } from './bytes.ts'
import { type FreshHead, headDigest, signHead } from './fresh-head.ts'
import { headerDigest, observersOf, recoverObserver } from './observed-header.ts'
import { signerAddress } from './signature.ts'

const KEY = new Uint8Array(32).fill(1)
const HEAD: FreshHead = {
  chainId: 31337n,
  number: 7n,
  hash: `0x${'5a'.repeat(32)}`,
  timestamp: 1_900_000_000n,
  nonce: `0x${'6b'.repeat(32)}`,
}
type Vector = { chainId: string; number: string; hash: string; timestamp: string; nonce: string; r: string; vs: string }
const read = ({ chainId, number, hash, timestamp, nonce, r, vs }: Vector) => ({
  head: {
    ...{ chainId: BigInt(chainId), number: BigInt(number), hash: hash as Hex },
    ...{ timestamp: BigInt(timestamp), nonce: nonce as Hex },
  },
  signature: { r: r as Hex, vs: vs as Hex },
})

test("headDigest equals viem's encoding", () => {
  const types = parseAbiParameters('bytes32, uint256, uint256, bytes32, uint256, bytes32')
  const { chainId, number, hash, timestamp, nonce } = HEAD
  const encoded = encodeAbiParameters(types, [
    ...([keccak256(toHex('enigma.head.v1')), chainId, number, hash, timestamp, nonce] as const),
  ])
  expect(headDigest(HEAD)).toBe(keccak256(encoded))
})

test.each<Partial<FreshHead>>([
  { chainId: 1n },
  { number: 8n },
  { hash: `0x${'5b'.repeat(32)}` },
  { timestamp: 1_900_000_001n },
  { nonce: `0x${'6c'.repeat(32)}` },
])('S12: a signature says nothing about a head with %o', (change) => {
  expect(recoverObserver(headDigest({ ...HEAD, ...change }), signHead(KEY, HEAD))).not.toBe(signerAddress(KEY))
})

test('S14: a signed head is no signed header, nor the other way round: neither dates the other', () => {
  const observers = [signerAddress(KEY)]
  const { chainId, number, hash } = HEAD
  expect(observersOf(headDigest(HEAD), [signHead(KEY, HEAD)], observers)).toEqual(observers)
  expect(observersOf(headerDigest({ chainId, number, hash }), [signHead(KEY, HEAD)], observers)).toEqual([])
})

test.each(vectors.cases)('head-digest.json: $name', (vector) => {
  const { head, signature } = read(vector)
  expect(headDigest(head)).toBe(vector.digest)
  expect(recoverObserver(headDigest(head), signature)).toBe(vector.observer)
})

test.each(vectors.failures)('S12: head-digest.json, refused: $name', (vector) => {
  const { head, signature } = read(vector)
  const recover = () => recoverObserver(headDigest(head), signature)
  if (vector.error === 'OTHER_SIGNER') expect(recover()).not.toBe(vector.observer)
  else expect(recover).toThrow(expect.objectContaining({ code: vector.error }))
})
