/**
 * Products of words. WebAssembly multiplies 64 by 64 bits to 64: the upper half is put together from four products of 32 bits.
 */
import { high } from './word.ts'

/** Eight limbs: the result of `multiplyLong`. */
export const PRODUCT: usize = memory.data(64)

/** The upper 64 bits of a × b. */
// @inline
export function high64(a: u64, b: u64): u64 {
  const aLow = a & 0xffffffff
  const aHigh = a >> 32
  const bLow = b & 0xffffffff
  const bHigh = b >> 32
  const middle = aHigh * bLow + ((aLow * bLow) >> 32)
  return aHigh * bHigh + (middle >> 32) + ((aLow * bHigh + (middle & 0xffffffff)) >> 32)
}

/** a × b modulo 2^256. */
export function multiply(a: usize, b: usize, to: usize): void {
  const aHigh = high(a)
  const bHigh = high(b)
  if (aHigh === 0 || bHigh === 0) {
    if (aHigh === 0) multiplyByLimb(b, bHigh === 0, load<u64>(a), to)
    else multiplyByLimb(a, false, load<u64>(b), to)
    return
  }
  const a0 = load<u64>(a)
  const a1 = load<u64>(a, 8)
  const a2 = load<u64>(a, 16)
  const b0 = load<u64>(b)
  const b1 = load<u64>(b, 8)
  const b2 = load<u64>(b, 16)
  let limb3 = a0 * load<u64>(b, 24) + a1 * b2 + a2 * b1 + load<u64>(a, 24) * b0
  let part = a0 * b1
  let limb1 = high64(a0, b0) + part
  let limb2 = high64(a0, b1) + u64(limb1 < part)
  part = a1 * b0
  limb1 += part
  part = high64(a1, b0) + u64(limb1 < part)
  limb2 += part
  limb3 += u64(limb2 < part)
  part = a0 * b2
  limb2 += part
  limb3 += high64(a0, b2) + u64(limb2 < part)
  part = a1 * b1
  limb2 += part
  limb3 += high64(a1, b1) + u64(limb2 < part)
  part = a2 * b0
  limb2 += part
  limb3 += high64(a2, b0) + u64(limb2 < part)
  store<u64>(to, a0 * b0)
  store<u64>(to, limb1, 8)
  store<u64>(to, limb2, 16)
  store<u64>(to, limb3, 24)
}

/** A word, or where `isLimb` its lowest limb alone, times one limb. */
// @inline
function multiplyByLimb(a: usize, isLimb: bool, factor: u64, to: usize): void {
  const a0 = load<u64>(a)
  let limb1 = high64(a0, factor)
  let limb2: u64 = 0
  let limb3: u64 = 0
  if (!isLimb) {
    const a1 = load<u64>(a, 8)
    const a2 = load<u64>(a, 16)
    let part = a1 * factor
    limb1 += part
    limb2 = high64(a1, factor) + u64(limb1 < part)
    part = a2 * factor
    limb2 += part
    limb3 = load<u64>(a, 24) * factor + high64(a2, factor) + u64(limb2 < part)
  }
  store<u64>(to, a0 * factor)
  store<u64>(to, limb1, 8)
  store<u64>(to, limb2, 16)
  store<u64>(to, limb3, 24)
}

/** a × b in full, to `PRODUCT`. */
export function multiplyLong(a: usize, b: usize): void {
  const a0 = load<u64>(a)
  const a1 = load<u64>(a, 8)
  const a2 = load<u64>(a, 16)
  const a3 = load<u64>(a, 24)
  const zero = i64x2.splat(0)
  v128.store(PRODUCT, zero)
  v128.store(PRODUCT, zero, 16)
  for (let i: usize = 0; i < 32; i += 8) {
    const factor = load<u64>(b + i)
    const row = PRODUCT + i
    let carry = addProduct(row, a0, factor, 0)
    carry = addProduct(row + 8, a1, factor, carry)
    carry = addProduct(row + 16, a2, factor, carry)
    store<u64>(row, addProduct(row + 24, a3, factor, carry), 32)
  }
}

/** Adds a × b and `carry` to the limb at `to`; returns what goes to the next. */
// @inline
function addProduct(to: usize, a: u64, b: u64, carry: u64): u64 {
  const low = a * b
  const first = load<u64>(to) + carry
  const sum = first + low
  store<u64>(to, sum)
  return high64(a, b) + u64(first < carry) + u64(sum < low)
}
