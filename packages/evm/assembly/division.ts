/**
 * Division of many limbs by a word: Knuth's algorithm D on 64-bit limbs, whose trial quotients come from a reciprocal
 * (N. Möller, T. Granlund: Improved Division by Invariant Integers, 2011; names of the algorithms as there).
 */
import { high64 } from './product.ts'
import { setZero } from './word.ts'

/** What `divideLong` leaves: the quotient's lowest four limbs, and the remainder. */
export const QUOTIENT: usize = memory.data(64)
export const REMAINDER: usize = memory.data(72)
const DIVISOR: usize = memory.data(32)
/** The reciprocal that was needed last: code that computes modulo a prime, or with 18 decimals, divides by the same again. */
let lastDivisor1: u64 = 0
let lastDivisor0: u64 = 0
let lastInverse: u64 = 0

/** Limbs without the zeros at the top. */
// @inline
export function countLimbs(p: usize, most: i32): i32 {
  let count = most
  while (count > 0 && load<u64>(p + ((<usize>(count - 1)) << 3)) === 0) count--
  return count
}

/** Divides the limbs at `from` by the word at `by`, which is not zero. */
export function divideLong(from: usize, most: i32, by: usize): void {
  const limbs = countLimbs(from, most)
  const divisorLimbs = countLimbs(by, 4)
  setZero(QUOTIENT)
  setZero(REMAINDER)
  if (limbs < divisorLimbs) {
    for (let i: usize = 0; i < (<usize>limbs) << 3; i += 8) store<u64>(REMAINDER + i, load<u64>(from + i))
  } else if (divisorLimbs === 1) {
    store<u64>(REMAINDER, divideByLimb(from, limbs, load<u64>(by), QUOTIENT))
  } else {
    divideByMany(from, limbs, by, divisorLimbs)
  }
}

/** Divides by one limb; as many limbs of quotient go to `to`, which may be `from`. Returns the remainder. */
export function divideByLimb(from: usize, limbs: i32, by: u64, to: usize): u64 {
  const shift = clz(by)
  const divisor = by << shift
  const inverse = reciprocal(divisor)
  const down = 63 - shift
  let at = (<usize>limbs) << 3
  let limb = load<u64>(from + at - 8)
  let rest = (limb >> 1) >> down
  while (at > 0) {
    at -= 8
    const next = at === 0 ? 0 : load<u64>(from + at - 8)
    const low = (limb << shift) | ((next >> 1) >> down)
    limb = next
    if (rest === 0 && low < divisor) {
      rest = low
      store<u64>(to + at, 0)
      continue
    }
    // Two limbs by one (algorithm 4).
    const quotientLow = inverse * rest + low
    let quotient = high64(inverse, rest) + rest + 1 + u64(quotientLow < low)
    rest = low - quotient * divisor
    // As often as not the quotient is one too great by now: no branch, for it would be guessed wrong.
    const isOver = u64(rest > quotientLow)
    quotient -= isOver
    rest += divisor & (0 - isOver)
    if (rest >= divisor) {
      quotient++
      rest -= divisor
    }
    store<u64>(to + at, quotient)
  }
  return rest >> shift
}

/** Divides by two limbs or more, of which there are no more than of the dividend. */
function divideByMany(from: usize, limbs: i32, by: usize, divisorLimbs: i32): void {
  const width = (<usize>divisorLimbs) << 3
  const top = (<usize>limbs) << 3
  const shift = clz(load<u64>(by + width - 8))
  shiftUp(by, width, shift, DIVISOR)
  store<u64>(REMAINDER + top, shiftUp(from, top, shift, REMAINDER))
  const divisor1 = load<u64>(DIVISOR + width - 8)
  const divisor0 = load<u64>(DIVISOR + width - 16)
  if (divisor1 !== lastDivisor1 || divisor0 !== lastDivisor0) {
    lastDivisor1 = divisor1
    lastDivisor0 = divisor0
    lastInverse = reciprocalOfTwo(divisor1, divisor0)
  }
  const inverse = lastInverse

  let limb2 = load<u64>(REMAINDER + top)
  let limb1 = load<u64>(REMAINDER + top - 8)
  for (let at = top - width; <isize>at >= 0; at -= 8) {
    const row = REMAINDER + at
    const limb0 = load<u64>(row + width - 16)
    let quotient: u64
    if (limb2 === 0 && limb1 < divisor1) {
      quotient = 0
      limb2 = limb1
      limb1 = limb0
    } else if (limb2 === divisor1 && limb1 === divisor0) {
      // These two are in memory as well: as much is left only where nothing was subtracted yet, or the divisor added back.
      quotient = u64.MAX_VALUE
      subtractProduct(row, width, quotient)
      limb2 = load<u64>(row + width - 8)
      limb1 = load<u64>(row + width - 16)
    } else {
      // Three limbs by two (algorithm 5).
      const quotientLow = inverse * limb2 + limb1
      quotient = high64(inverse, limb2) + limb2 + u64(quotientLow < limb1)
      const productLow = divisor0 * quotient
      let rest0 = limb0 - productLow
      let rest1 = limb1 - quotient * divisor1 - high64(divisor0, quotient) - u64(limb0 < productLow)
      rest1 -= divisor1 + u64(rest0 < divisor0)
      rest0 -= divisor0
      // Without a branch, as above.
      const isOver = u64(rest1 >= quotientLow)
      const back0 = divisor0 & (0 - isOver)
      quotient += 1 - isOver
      rest0 += back0
      rest1 += (divisor1 & (0 - isOver)) + u64(rest0 < back0)
      if (rest1 > divisor1 || (rest1 === divisor1 && rest0 >= divisor0)) {
        quotient++
        rest1 -= divisor1 + u64(rest0 < divisor0)
        rest0 -= divisor0
      }
      // The limbs of the divisor below those two.
      const borrow = subtractProduct(row, width - 16, quotient)
      const carry = u64(rest0 < borrow)
      limb1 = rest0 - borrow
      limb2 = rest1 - carry
      if (rest1 < carry) {
        quotient--
        store<u64>(row + width - 16, limb1)
        store<u64>(row + width - 8, limb2)
        addDivisor(row, width)
        limb1 = load<u64>(row + width - 16)
        limb2 = load<u64>(row + width - 8)
      }
    }
    if (at < 32) store<u64>(QUOTIENT + at, quotient)
  }
  store<u64>(REMAINDER + width - 16, limb1)
  store<u64>(REMAINDER + width - 8, limb2)
  shiftRemainderDown(width, shift)
}

/** Shifts limbs up by less than one, and returns what leaves them. */
// @inline
function shiftUp(from: usize, size: usize, shift: u64, to: usize): u64 {
  const down = 63 - shift
  let below: u64 = 0
  for (let i: usize = 0; i < size; i += 8) {
    const limb = load<u64>(from + i)
    store<u64>(to + i, (limb << shift) | below)
    below = (limb >> 1) >> down
  }
  return below
}

// @inline
function shiftRemainderDown(size: usize, shift: u64): void {
  const up = 63 - shift
  for (let i: usize = 0; i < 32; i += 8) {
    const above = i + 8 < size ? (load<u64>(REMAINDER + i, 8) << 1) << up : 0
    store<u64>(REMAINDER + i, i < size ? (load<u64>(REMAINDER + i) >> shift) | above : 0)
  }
}

/** Subtracts `factor` times the divisor's lowest limbs, `size` bytes of them; returns what is left to subtract above. */
// @inline
function subtractProduct(row: usize, size: usize, factor: u64): u64 {
  let borrow: u64 = 0
  for (let i: usize = 0; i < size; i += 8) {
    const limb = load<u64>(row + i)
    const divisor = load<u64>(DIVISOR + i)
    const low = divisor * factor
    const once = limb - borrow
    store<u64>(row + i, once - low)
    borrow = high64(divisor, factor) + u64(limb < borrow) + u64(once < low)
  }
  return borrow
}

/** Adds the divisor back where the trial quotient was one too great: about once in 2^64 for random operands. */
function addDivisor(row: usize, size: usize): void {
  let carry: u64 = 0
  for (let i: usize = 0; i < size; i += 8) {
    const divisor = load<u64>(DIVISOR + i)
    const first = load<u64>(row + i) + carry
    const sum = first + divisor
    store<u64>(row + i, sum)
    carry = u64(first < carry) | u64(sum < divisor)
  }
}

/** floor((2^128 - 1) / divisor) - 2^64, for a divisor whose top bit is set (algorithm 2; a division instead of its table). */
function reciprocal(divisor: u64): u64 {
  const first = <u64>(0x7fd00 / <u32>(divisor >> 55))
  const divisor40 = (divisor >> 24) + 1
  const second = (first << 11) - ((first * first * divisor40) >> 40) - 1
  const third = (second << 13) + ((second * (0x1000000000000000 - second * divisor40)) >> 47)
  const odd = divisor & 1
  const error = ((third >> 1) & (0 - odd)) - third * ((divisor >> 1) + odd)
  const fourth = (high64(third, error) >> 1) + (third << 31)
  const low = fourth * divisor
  return fourth - (high64(fourth, divisor) + u64(low + divisor < low)) - divisor
}

/** floor((2^192 - 1) / (divisor1, divisor0)) - 2^64, for a divisor whose top bit is set (algorithm 6). */
function reciprocalOfTwo(divisor1: u64, divisor0: u64): u64 {
  let inverse = reciprocal(divisor1)
  let product = divisor1 * inverse + divisor0
  if (product < divisor0) {
    inverse--
    if (product >= divisor1) {
      inverse--
      product -= divisor1
    }
    product -= divisor1
  }
  const above = high64(inverse, divisor0)
  const below = inverse * divisor0
  product += above
  if (product < above) {
    inverse--
    if (product > divisor1 || (product === divisor1 && below >= divisor0)) inverse--
  }
  return inverse
}
