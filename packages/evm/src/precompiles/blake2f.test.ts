import { concatBytes } from '@enigma/protocol'
import { blake2b } from '@noble/hashes/blake2.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answerOf, at } from '../testing/precompile-answers.ts'
import { referencePrecompiles } from '../testing/reference-precompiles.ts'
import { precompileAt } from './index.ts'

const BLAKE2F = at(0x09)
const BLOCK_BYTES = 128
const ROUNDS = 12

function inputOf(rounds: number, state: Uint8Array, block: Uint8Array, offset: number, isLast: number): Uint8Array {
  const input = concatBytes(new Uint8Array(4), state, block, new Uint8Array(17))
  const view = new DataView(input.buffer)
  view.setUint32(0, rounds)
  view.setBigUint64(196, BigInt(offset), true)
  view.setUint8(212, isLast)
  return input
}

/** BLAKE2b by nothing but its compression. */
function hash(message: Uint8Array): Uint8Array {
  const { run } = precompileAt(BLAKE2F, 'osaka') ?? {}
  // The state of a hash of 64 bytes without key: RFC 7693, 2.5 and 2.6.
  let state = new Uint8Array(
    new BigUint64Array([
      0x6a09e667f2bdc948n,
      0xbb67ae8584caa73bn,
      0x3c6ef372fe94f82bn,
      0xa54ff53a5f1d36f1n,
      0x510e527fade682d1n,
      0x9b05688c2b3e6c1fn,
      0x1f83d9abfb41bd6bn,
      0x5be0cd19137e2179n,
    ]).buffer,
  )
  const blocks = Math.max(1, Math.ceil(message.length / BLOCK_BYTES))
  for (let i = 0; i < blocks; i++) {
    const block = new Uint8Array(BLOCK_BYTES)
    block.set(message.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES))
    const isLast = i === blocks - 1
    const offset = isLast ? message.length : (i + 1) * BLOCK_BYTES
    state = new Uint8Array(run?.(inputOf(ROUNDS, state, block, offset, Number(isLast))) ?? [])
  }
  return state
}

test('hashes any message, block by block, to its BLAKE2b', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (message) => {
      expect(hash(message)).toEqual(blake2b(message))
    }),
  )
})

test('compresses any block in any number of rounds as the reference does, a gas each', async () => {
  const { call } = await referencePrecompiles('osaka')
  const bytes = fc.uint8Array({ minLength: 213, maxLength: 213 })
  await fc.assert(
    fc.asyncProperty(bytes, fc.nat(35), fc.nat(1), async (input, rounds, isLast) => {
      input.set([0, 0, 0, rounds])
      input[212] = isLast
      expect(answerOf(BLAKE2F, 'osaka', input)).toEqual(await call(BLAKE2F, input))
    }),
  )
})

test('S18: refuses another length, and a last byte that is no bool', () => {
  const input = inputOf(1, new Uint8Array(64), new Uint8Array(128), 0, 1)
  for (const wrong of [
    input.subarray(1),
    concatBytes(input, new Uint8Array(1)),
    inputOf(1, new Uint8Array(64), new Uint8Array(128), 0, 2),
    new Uint8Array(),
  ])
    expect(answerOf(BLAKE2F, 'osaka', wrong)).toEqual({ output: null })
})

test('S19: asks a gas for each of up to 2^32 rounds before it does the first', () => {
  const input = inputOf(2 ** 32 - 1, new Uint8Array(64), new Uint8Array(128), 0, 1)
  expect(precompileAt(BLAKE2F, 'osaka')?.gas(input)).toBe(2n ** 32n - 1n)
})
