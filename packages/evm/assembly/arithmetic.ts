/**
 * The EVM's arithmetic on words that needs more than a carry: products, quotients, remainders, powers.
 *
 * Results go to `to`, which may be one of the operands. Division by zero gives zero, as the EVM has it.
 */
import { countLimbs, divideByLimb, divideLong, QUOTIENT, REMAINDER } from './division.ts'
import { multiply, multiplyLong, PRODUCT } from './product.ts'
import { copyWord, fitsU64, high, isZero, lessThan, setU64, setZero, shiftLeft } from './word.ts'

export { multiply }

const POWER: usize = memory.data(32)
const BASE: usize = memory.data(32)
/** A sum with its carry: five limbs. */
const SUM: usize = memory.data(40)

export function divide(a: usize, b: usize, to: usize): void {
  if (fitsU64(b)) {
    const divisor = load<u64>(b)
    if (fitsU64(a)) setU64(to, divisor === 0 ? 0 : load<u64>(a) / divisor)
    else if (divisor === 0) setZero(to)
    else divideByLimb(a, 4, divisor, to)
  } else if (lessThan(a, b)) {
    setZero(to)
  } else {
    divideLong(a, 4, b)
    copyWord(to, QUOTIENT)
  }
}

export function remainder(a: usize, b: usize, to: usize): void {
  if ((high(a) | high(b)) === 0) {
    const divisor = load<u64>(b)
    setU64(to, divisor === 0 ? 0 : load<u64>(a) % divisor)
  } else if (isZero(b)) {
    setZero(to)
  } else if (lessThan(a, b)) {
    copyWord(to, a)
  } else {
    divideLong(a, 4, b)
    copyWord(to, REMAINDER)
  }
}

/** Changes a and b, as the next one does. */
export function signedDivide(a: usize, b: usize, to: usize): void {
  const isNegative = isBelowZero(a) !== isBelowZero(b)
  if (isBelowZero(a)) negate(a)
  if (isBelowZero(b)) negate(b)
  divide(a, b, to)
  if (isNegative) negate(to)
}

/** The remainder has the dividend's sign. */
export function signedRemainder(a: usize, b: usize, to: usize): void {
  const isNegative = isBelowZero(a)
  if (isNegative) negate(a)
  if (isBelowZero(b)) negate(b)
  remainder(a, b, to)
  if (isNegative) negate(to)
}

/** (a + b) mod m. */
export function addMod(a: usize, b: usize, m: usize, to: usize): void {
  if (isZero(m)) {
    setZero(to)
    return
  }
  const carry = addWords(a, b, SUM)
  if (lessThan(a, m) && lessThan(b, m)) {
    // Below twice the modulus: one subtraction at the most.
    if (carry !== 0 || !lessThan(SUM, m)) subtractWords(SUM, m, to)
    else copyWord(to, SUM)
    return
  }
  store<u64>(SUM, carry, 32)
  divideLong(SUM, 5, m)
  copyWord(to, REMAINDER)
}

/** (a × b) mod m. */
export function mulMod(a: usize, b: usize, m: usize, to: usize): void {
  if (isZero(m)) {
    setZero(to)
    return
  }
  multiplyLong(a, b)
  divideLong(PRODUCT, 8, m)
  copyWord(to, REMAINDER)
}

/** `base` to the power of `exponent`, modulo 2^256. */
export function power(base: usize, exponent: usize, to: usize): void {
  const limbs = countLimbs(exponent, 4)
  if (fitsU64(base) && popcnt(load<u64>(base)) === 1) {
    powerOfTwo(ctz(load<u64>(base)), exponent, to)
    return
  }
  copyWord(BASE, base)
  setU64(POWER, 1)
  for (let at = ((<usize>limbs) << 3) - 8; <isize>at >= 0; at -= 8) {
    const bits = load<u64>(exponent + at)
    // The topmost limb begins with its first bit: what is above squares a one.
    let bit: u64 = at + 8 === (<usize>limbs) << 3 ? 63 - clz(bits) : 63
    for (; <i64>bit >= 0; bit--) {
      multiply(POWER, POWER, POWER)
      if (((bits >> bit) & 1) !== 0) multiply(POWER, BASE, POWER)
    }
  }
  copyWord(to, POWER)
}

/** (2^log)^exponent. */
function powerOfTwo(log: u64, exponent: usize, to: usize): void {
  // An exponent of 256 or more leaves nothing of any power but that of one.
  const times: u64 = fitsU64(exponent) ? min<u64>(load<u64>(exponent), 256) : 256
  setU64(to, 1)
  shiftLeft(to, log * times)
}

/** Extends the sign of the word at `b` from the byte whose number, from the lowest, is the word at `a`. */
export function signExtend(a: usize, b: usize): void {
  if (high(a) !== 0 || load<u64>(a) > 30) return
  const index = <usize>load<u64>(a)
  const limb = b + (index & ~7)
  const unused = 56 - ((<u64>index & 7) << 3)
  const extended = (load<i64>(limb) << unused) >> unused
  store<i64>(limb, extended)
  for (let above = limb + 8; above < b + 32; above += 8) store<i64>(above, extended >> 63)
}

// @inline
function isBelowZero(p: usize): bool {
  return load<i64>(p, 24) < 0
}

/** The two's complement. */
function negate(p: usize): void {
  let carry: u64 = 1
  for (let i: usize = 0; i < 32; i += 8) {
    const limb = ~load<u64>(p + i) + carry
    store<u64>(p + i, limb)
    carry &= u64(limb === 0)
  }
}

/** a + b; returns the carry. */
// @inline
function addWords(a: usize, b: usize, to: usize): u64 {
  let carry: u64 = 0
  for (let i: usize = 0; i < 32; i += 8) {
    const limb = load<u64>(b + i)
    const first = load<u64>(a + i) + carry
    const sum = first + limb
    store<u64>(to + i, sum)
    carry = u64(first < carry) | u64(sum < limb)
  }
  return carry
}

/** a - b modulo 2^256. */
// @inline
function subtractWords(a: usize, b: usize, to: usize): void {
  let borrow: u64 = 0
  for (let i: usize = 0; i < 32; i += 8) {
    const limb = load<u64>(a + i)
    const subtrahend = load<u64>(b + i)
    const once = limb - subtrahend
    store<u64>(to + i, once - borrow)
    borrow = u64(limb < subtrahend) | u64(once < borrow)
  }
}
