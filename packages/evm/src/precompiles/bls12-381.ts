/** The curve of EIP-2537: sums, pairings, and maps to its groups. Sums of multiples are in bls12-381-msm.ts. */
import { bls12_381 } from '@noble/curves/bls12-381.js'
import type { Precompile } from '../types.ts'
import { FIELD_BYTES, fieldAt, G1_BYTES, G2_BYTES, g1At, g1Bytes, g2At, g2Bytes } from './bls12-381-codec.ts'
import { type G1, type G2, isPairingOne, ofPrimeOrder, type Pair } from './curve.ts'
import { boolBytes, orNull, RefusedInput } from './input.ts'

const PAIR_BYTES = G1_BYTES + G2_BYTES

// What noble's maps take and give; its types say lists, and coordinates.
const toG1 = bls12_381.G1.mapToCurve as unknown as (value: bigint) => G1
const toG2 = bls12_381.G2.mapToCurve as unknown as (value: [bigint, bigint]) => G2

/** Points of a sum need only lie on the curve. */
export const g1Add: Precompile = {
  gas: () => 375n,
  run: ofLength(2 * G1_BYTES, (input) => g1Bytes(g1At(input, 0).add(g1At(input, G1_BYTES)))),
}

export const g2Add: Precompile = {
  gas: () => 600n,
  run: ofLength(2 * G2_BYTES, (input) => g2Bytes(g2At(input, 0).add(g2At(input, G2_BYTES)))),
}

export const blsPairing: Precompile = {
  gas: (input) => 37_700n + 32_600n * BigInt(Math.floor(input.length / PAIR_BYTES)),
  run: orNull((input) => {
    if (input.length === 0 || input.length % PAIR_BYTES !== 0) throw new RefusedInput()
    return boolBytes(isPairingOne(bls12_381, pairsOf(input)))
  }),
}

export const mapToG1: Precompile = {
  gas: () => 5_500n,
  run: ofLength(FIELD_BYTES, (input) => g1Bytes(toG1(fieldAt(input, 0)))),
}

export const mapToG2: Precompile = {
  gas: () => 23_800n,
  run: ofLength(2 * FIELD_BYTES, (input) => g2Bytes(toG2([fieldAt(input, 0), fieldAt(input, FIELD_BYTES)]))),
}

function ofLength(length: number, run: (input: Uint8Array) => Uint8Array): Precompile['run'] {
  return orNull((input) => {
    if (input.length !== length) throw new RefusedInput()
    return run(input)
  })
}

function* pairsOf(input: Uint8Array): Generator<Pair> {
  for (let at = 0; at < input.length; at += PAIR_BYTES)
    yield { g1: ofPrimeOrder(g1At(input, at)), g2: ofPrimeOrder(g2At(input, at + G1_BYTES)) }
}
