/** How EIP-2537 writes what lies on BLS12-381: a coordinate in 64 bytes, of which the upper 16 are zero. */
import { bytesToBigInt, concatBytes } from '@enigma/protocol'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { numberToBytesBE } from '@noble/curves/utils.js'
import { type G1, type G2, pointOnCurve } from './curve.ts'
import { RefusedInput } from './input.ts'

const { Fp, Fp2 } = bls12_381.fields
export const FIELD_BYTES = 64
export const G1_BYTES = 2 * FIELD_BYTES
export const G2_BYTES = 4 * FIELD_BYTES

/** Below the modulus, so its upper bytes are zero too. */
export function fieldAt(input: Uint8Array, at: number): bigint {
  const value = bytesToBigInt(input.subarray(at, at + FIELD_BYTES))
  if (value >= Fp.ORDER) throw new RefusedInput()
  return value
}

export function g1At(input: Uint8Array, at: number): G1 {
  return pointOnCurve(bls12_381.G1.Point, fieldAt(input, at), fieldAt(input, at + FIELD_BYTES))
}

/** Of each coordinate the real part comes first. */
export function g2At(input: Uint8Array, at: number): G2 {
  return pointOnCurve(bls12_381.G2.Point, complexAt(input, at), complexAt(input, at + 2 * FIELD_BYTES))
}

function complexAt(input: Uint8Array, at: number) {
  return Fp2.fromBigTuple([fieldAt(input, at), fieldAt(input, at + FIELD_BYTES)])
}

/** Infinity is all zeros, as noble's affine form of it is. */
export function g1Bytes(point: G1): Uint8Array {
  const { x, y } = point.toAffine()
  return coordinates(x, y)
}

export function g2Bytes(point: G2): Uint8Array {
  const { x, y } = point.toAffine()
  return coordinates(x.c0, x.c1, y.c0, y.c1)
}

function coordinates(...values: readonly bigint[]): Uint8Array {
  return concatBytes(...values.map((value) => numberToBytesBE(value, FIELD_BYTES)))
}
