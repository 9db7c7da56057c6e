/** How do precompiles read their input, and refuse it? */
import { bytesToBigInt } from '@enigma/protocol'
import { numberToBytesBE } from '@noble/curves/utils.js'

export const NOTHING = new Uint8Array()

/** A copy of `length` bytes from `at` on. Past its end the input is zeros, as memory is. */
export function bytesAt(input: Uint8Array, at: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  bytes.set(input.subarray(at, at + length))
  return bytes
}

/** The word at a byte offset, as a number. */
export function wordAt(input: Uint8Array, at: number): bigint {
  return bytesToBigInt(bytesAt(input, at, 32))
}

export function wordBytes(value: bigint): Uint8Array {
  return numberToBytesBE(value, 32)
}

/** Solidity's bool. */
export function boolBytes(value: boolean): Uint8Array {
  return wordBytes(value ? 1n : 0n)
}

/** Thrown where an input breaks the precompile's rules; never leaves the precompile. */
export class RefusedInput extends Error {}

/** Runs what may throw `RefusedInput`. Anything else that is thrown is a defect, and no contract may mistake it for an answer. */
export function orNull(run: (input: Uint8Array) => Uint8Array): (input: Uint8Array) => Uint8Array | null {
  return (input) => {
    try {
      return run(input)
    } catch (error) {
      if (error instanceof RefusedInput) return null
      throw error
    }
  }
}
