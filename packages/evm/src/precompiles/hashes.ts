/** Hashes, and the copy: priced by the word. */
import { ripemd160 as ripemd160Of } from '@noble/hashes/legacy.js'
import { sha256 as sha256Of } from '@noble/hashes/sha2.js'
import type { Precompile } from '../types.ts'

export const sha256: Precompile = {
  gas: byTheWord(60n, 12n),
  run: (input) => sha256Of(input),
}

export const ripemd160: Precompile = {
  gas: byTheWord(600n, 120n),
  run(input) {
    const word = new Uint8Array(32)
    word.set(ripemd160Of(input), 12)
    return word
  },
}

export const identity: Precompile = {
  gas: byTheWord(15n, 3n),
  run: (input) => input.slice(),
}

function byTheWord(base: bigint, perWord: bigint): Precompile['gas'] {
  return (input) => base + perWord * BigInt(Math.ceil(input.length / 32))
}
