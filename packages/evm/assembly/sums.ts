/** Sums and differences of words, modulo 2^256. */
import { setLimbs } from './word.ts'

// @inline
export function add(a: usize, b: usize, to: usize): void {
  const a0 = load<u64>(a)
  const a1 = load<u64>(a, 8)
  const a2 = load<u64>(a, 16)
  const sum0 = a0 + load<u64>(b)
  const sum1 = a1 + load<u64>(b, 8)
  const sum2 = a2 + load<u64>(b, 16)
  const carry0 = u64(sum0 < a0)
  const limb1 = sum1 + carry0
  const carry1 = u64(sum1 < a1) | u64(limb1 < carry0)
  const limb2 = sum2 + carry1
  const carry2 = u64(sum2 < a2) | u64(limb2 < carry1)
  const limb3 = load<u64>(a, 24) + load<u64>(b, 24) + carry2
  setLimbs(to, sum0, limb1, limb2, limb3)
}

/** a - b. */
// @inline
export function subtract(a: usize, b: usize, to: usize): void {
  const a0 = load<u64>(a)
  const b0 = load<u64>(b)
  const a1 = load<u64>(a, 8)
  const b1 = load<u64>(b, 8)
  const a2 = load<u64>(a, 16)
  const b2 = load<u64>(b, 16)
  const borrow0 = u64(a0 < b0)
  const rest1 = a1 - b1
  const borrow1 = u64(a1 < b1) | u64(rest1 < borrow0)
  const rest2 = a2 - b2
  const borrow2 = u64(a2 < b2) | u64(rest2 < borrow1)
  const limb3 = load<u64>(a, 24) - load<u64>(b, 24) - borrow2
  setLimbs(to, a0 - b0, rest1 - borrow0, rest2 - borrow1, limb3)
}
