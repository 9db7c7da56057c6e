/** What the pairing-friendly curves have in common: points from coordinates, and the pairing check. */
import type { BlsCurvePair } from '@noble/curves/abstract/bls.js'
import type { WeierstrassPoint, WeierstrassPointCons } from '@noble/curves/abstract/weierstrass.js'
import { RefusedInput } from './input.ts'

export type G1 = WeierstrassPoint<bigint>
export type G2 = BlsCurvePair['G2']['Point']['BASE']
export type Pair = { g1: G1; g2: G2 }

/** The point with these coordinates, where both zero mean infinity. */
export function pointOnCurve<F>(Point: WeierstrassPointCons<F>, x: F, y: F): WeierstrassPoint<F> {
  const { Fp } = Point
  if (Fp.is0(x) && Fp.is0(y)) return Point.ZERO
  // y² = x³ + b: none of these curves has another term, nor a point whose y is zero.
  if (!Fp.eql(Fp.sqr(y), Fp.add(Fp.mul(Fp.sqr(x), x), Point.CURVE().b))) throw new RefusedInput()
  return Point.fromAffine({ x, y })
}

/** The same point, once it is known to be of the group's prime order. */
export function ofPrimeOrder<F>(point: WeierstrassPoint<F>): WeierstrassPoint<F> {
  if (!point.is0() && !point.isTorsionFree()) throw new RefusedInput()
  return point
}

/** Pairs whose lines are held at once: some 50 kB each. */
const PAIRS_AT_ONCE = 16

/** Whether the product of all pairings is one. The points are of prime order. */
export function isPairingOne(
  { fields: { Fp12 }, millerLoopBatch, utils }: BlsCurvePair,
  pairs: Iterable<Pair>,
): boolean {
  let product = Fp12.ONE
  let batch: Parameters<typeof millerLoopBatch>[0] = []
  const multiply = () => {
    product = Fp12.mul(product, millerLoopBatch(batch))
    batch = []
  }
  for (const { g1, g2 } of pairs) {
    if (g1.is0() || g2.is0()) continue
    const { x, y } = g1.toAffine()
    batch.push([utils.calcPairingPrecomputes(g2), x, y])
    if (batch.length === PAIRS_AT_ONCE) multiply()
  }
  multiply()
  return Fp12.eql(Fp12.finalExponentiate(product), Fp12.ONE)
}
