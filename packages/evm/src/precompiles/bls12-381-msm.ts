/** Sums of multiples on BLS12-381 (EIP-2537). The more there are, the less each one costs, down to what 128 of them do. */
import { bytesToBigInt } from '@enigma/protocol'
import { mulAddUnsafe } from '@noble/curves/abstract/curve.js'
import type { WeierstrassPoint, WeierstrassPointCons } from '@noble/curves/abstract/weierstrass.js'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import type { Precompile } from '../types.ts'
import { G1_BYTES, G2_BYTES, g1At, g1Bytes, g2At, g2Bytes } from './bls12-381-codec.ts'
import { ofPrimeOrder } from './curve.ts'
import { orNull, RefusedInput } from './input.ts'

const SCALAR_BYTES = 32
/** Points whose multiples are summed in one pass: each costs four points of memory meanwhile. */
const TERMS_AT_ONCE = 128

// The EIP's tables: thousandths of the price of one, for 1, 2, 3… terms.
// biome-ignore format: sixteen to a line
const G1_DISCOUNTS = [
  1000, 949, 848, 797, 764, 750, 738, 728, 719, 712, 705, 698, 692, 687, 682, 677,
  673, 669, 665, 661, 658, 654, 651, 648, 645, 642, 640, 637, 635, 632, 630, 627,
  625, 623, 621, 619, 617, 615, 613, 611, 609, 608, 606, 604, 603, 601, 599, 598,
  596, 595, 593, 592, 591, 589, 588, 586, 585, 584, 582, 581, 580, 579, 577, 576,
  575, 574, 573, 572, 570, 569, 568, 567, 566, 565, 564, 563, 562, 561, 560, 559,
  558, 557, 556, 555, 554, 553, 552, 551, 550, 549, 548, 547, 547, 546, 545, 544,
  543, 542, 541, 540, 540, 539, 538, 537, 536, 536, 535, 534, 533, 532, 532, 531,
  530, 529, 528, 528, 527, 526, 525, 525, 524, 523, 522, 522, 521, 520, 520, 519,
]
// biome-ignore format: sixteen to a line
const G2_DISCOUNTS = [
  1000, 1000, 923, 884, 855, 832, 812, 796, 782, 770, 759, 749, 740, 732, 724, 717,
  711, 704, 699, 693, 688, 683, 679, 674, 670, 666, 663, 659, 655, 652, 649, 646,
  643, 640, 637, 634, 632, 629, 627, 624, 622, 620, 618, 615, 613, 611, 609, 607,
  606, 604, 602, 600, 598, 597, 595, 593, 592, 590, 589, 587, 586, 584, 583, 582,
  580, 579, 578, 576, 575, 574, 573, 571, 570, 569, 568, 567, 566, 565, 563, 562,
  561, 560, 559, 558, 557, 556, 555, 554, 553, 552, 552, 551, 550, 549, 548, 547,
  546, 545, 545, 544, 543, 542, 541, 541, 540, 539, 538, 537, 537, 536, 535, 535,
  534, 533, 532, 532, 531, 530, 530, 529, 528, 528, 527, 526, 526, 525, 524, 524,
]

export const g1Msm: Precompile = {
  gas: priced(G1_BYTES + SCALAR_BYTES, 12_000n, G1_DISCOUNTS),
  run: orNull((input) => g1Bytes(sumOfMultiples(bls12_381.G1.Point, input, G1_BYTES, g1At))),
}

export const g2Msm: Precompile = {
  gas: priced(G2_BYTES + SCALAR_BYTES, 22_500n, G2_DISCOUNTS),
  run: orNull((input) => g2Bytes(sumOfMultiples(bls12_381.G2.Point, input, G2_BYTES, g2At))),
}

function priced(termBytes: number, perTerm: bigint, discounts: readonly number[]): Precompile['gas'] {
  return (input) => {
    const terms = Math.floor(input.length / termBytes)
    const discount = discounts[Math.min(terms, discounts.length) - 1] ?? 0
    return (BigInt(terms) * perTerm * BigInt(discount)) / 1_000n
  }
}

function sumOfMultiples<F>(
  Point: WeierstrassPointCons<F>,
  input: Uint8Array,
  pointBytes: number,
  pointAt: (input: Uint8Array, at: number) => WeierstrassPoint<F>,
): WeierstrassPoint<F> {
  const termBytes = pointBytes + SCALAR_BYTES
  if (input.length === 0 || input.length % termBytes !== 0) throw new RefusedInput()
  let sum = Point.ZERO
  for (let from = 0; from < input.length; from += TERMS_AT_ONCE * termBytes) {
    const points: WeierstrassPoint<F>[] = []
    const scalars: bigint[] = []
    for (let at = from; at < input.length && points.length < TERMS_AT_ONCE; at += termBytes) {
      points.push(ofPrimeOrder(pointAt(input, at)))
      scalars.push(Point.Fn.create(bytesToBigInt(input.subarray(at + pointBytes, at + termBytes))))
    }
    sum = sum.add(mulAddUnsafe(Point, points, scalars))
  }
  return sum
}
