/** The curve of EIP-196 and EIP-197, at the prices of EIP-1108. Short input to the first two is filled up with zeros. */

import { concatBytes } from '@enigma/protocol'
import { bn254 } from '@noble/curves/bn254.js'
import type { Precompile } from '../types.ts'
import { type G1, type G2, isPairingOne, ofPrimeOrder, type Pair, pointOnCurve } from './curve.ts'
import { boolBytes, orNull, RefusedInput, wordAt, wordBytes } from './input.ts'

const { Fp, Fp2, Fr } = bn254.fields
const PAIR_BYTES = 192

export const bn254Add: Precompile = {
  gas: () => 150n,
  run: orNull((input) => bytesOf(g1At(input, 0).add(g1At(input, 64)))),
}

export const bn254Mul: Precompile = {
  gas: () => 6_000n,
  run: orNull((input) => bytesOf(g1At(input, 0).multiplyUnsafe(Fr.create(wordAt(input, 64))))),
}

export const bn254Pairing: Precompile = {
  gas: (input) => 45_000n + 34_000n * BigInt(Math.floor(input.length / PAIR_BYTES)),
  run: orNull((input) => {
    if (input.length % PAIR_BYTES !== 0) throw new RefusedInput()
    return boolBytes(isPairingOne(bn254, pairsOf(input)))
  }),
}

function* pairsOf(input: Uint8Array): Generator<Pair> {
  for (let at = 0; at < input.length; at += PAIR_BYTES) yield { g1: g1At(input, at), g2: g2At(input, at + 64) }
}

function g1At(input: Uint8Array, at: number): G1 {
  return pointOnCurve(bn254.G1.Point, fieldAt(input, at), fieldAt(input, at + 32))
}

/** Of each coordinate the imaginary part comes first. */
function g2At(input: Uint8Array, at: number): G2 {
  const [x1, x0, y1, y0] = [0, 32, 64, 96].map((offset) => fieldAt(input, at + offset)) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ]
  const point = pointOnCurve(bn254.G2.Point, Fp2.fromBigTuple([x0, x1]), Fp2.fromBigTuple([y0, y1]))
  return ofPrimeOrder(point)
}

function fieldAt(input: Uint8Array, at: number): bigint {
  const value = wordAt(input, at)
  if (value >= Fp.ORDER) throw new RefusedInput()
  return value
}

function bytesOf(point: G1): Uint8Array {
  const { x, y } = point.toAffine()
  return concatBytes(wordBytes(x), wordBytes(y))
}
