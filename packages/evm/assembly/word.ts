/**
 * How does one handle a 256-bit word in memory?
 *
 * A word is four 64-bit limbs, the lowest first, at a pointer. Where a word is read and written by the same call, the two may
 * be the same. Nothing here is aligned, and nothing traps.
 */

/** Bytes of a word. */
export const WORD: usize = 32

// @inline
export function isZero(p: usize): bool {
  return (load<u64>(p) | load<u64>(p, 8) | load<u64>(p, 16) | load<u64>(p, 24)) === 0
}

/** The three upper limbs or-ed: zero for a word that fits 64 bits. */
// @inline
export function high(p: usize): u64 {
  return load<u64>(p, 8) | load<u64>(p, 16) | load<u64>(p, 24)
}

// @inline
export function fitsU64(p: usize): bool {
  return high(p) === 0
}

/** The word as a number of 64 bits, or the greatest such number where it does not fit. */
// @inline
export function saturated(p: usize): u64 {
  return fitsU64(p) ? load<u64>(p) : u64.MAX_VALUE
}

/**
 * Writes four limbs, two at a time: a processor can hand a wide store on to a narrow load that follows, not the reverse.
 */
// @inline
export function setLimbs(p: usize, limb0: u64, limb1: u64, limb2: u64, limb3: u64): void {
  v128.store(p, i64x2.replace_lane(i64x2.splat(limb0), 1, limb1))
  v128.store(p, i64x2.replace_lane(i64x2.splat(limb2), 1, limb3), 16)
}

// @inline
export function setU64(p: usize, value: u64): void {
  const zero = i64x2.splat(0)
  v128.store(p, i64x2.replace_lane(zero, 0, value))
  v128.store(p, zero, 16)
}

// @inline
export function setZero(p: usize): void {
  const zero = i64x2.splat(0)
  v128.store(p, zero)
  v128.store(p, zero, 16)
}

// @inline
export function copyWord(to: usize, from: usize): void {
  const low = v128.load(from)
  const up = v128.load(from, 16)
  v128.store(to, low)
  v128.store(to, up, 16)
}

// @inline
export function equal(a: usize, b: usize): bool {
  return (
    ((load<u64>(a) ^ load<u64>(b)) |
      (load<u64>(a, 8) ^ load<u64>(b, 8)) |
      (load<u64>(a, 16) ^ load<u64>(b, 16)) |
      (load<u64>(a, 24) ^ load<u64>(b, 24))) ===
    0
  )
}

// @inline
export function lessThan(a: usize, b: usize): bool {
  if (load<u64>(a, 24) !== load<u64>(b, 24)) return load<u64>(a, 24) < load<u64>(b, 24)
  if (load<u64>(a, 16) !== load<u64>(b, 16)) return load<u64>(a, 16) < load<u64>(b, 16)
  if (load<u64>(a, 8) !== load<u64>(b, 8)) return load<u64>(a, 8) < load<u64>(b, 8)
  return load<u64>(a) < load<u64>(b)
}

// @inline
export function signedLessThan(a: usize, b: usize): bool {
  if (load<i64>(a, 24) !== load<i64>(b, 24)) return load<i64>(a, 24) < load<i64>(b, 24)
  if (load<u64>(a, 16) !== load<u64>(b, 16)) return load<u64>(a, 16) < load<u64>(b, 16)
  if (load<u64>(a, 8) !== load<u64>(b, 8)) return load<u64>(a, 8) < load<u64>(b, 8)
  return load<u64>(a) < load<u64>(b)
}

/** Reads 32 bytes, the most significant first. */
// @inline
export function loadBigEndian(to: usize, from: usize): void {
  const first = v128.load(from)
  const last = v128.load(from, 16)
  v128.store(to, reversed(last))
  v128.store(to, reversed(first), 16)
}

/** Writes 32 bytes, the most significant first. */
// @inline
export function storeBigEndian(to: usize, from: usize): void {
  loadBigEndian(to, from)
}

// @inline
function reversed(bytes: v128): v128 {
  return i8x16.shuffle(bytes, bytes, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
}

/** Shifts the word in place; 256 bits or more leave zero. */
export function shiftLeft(p: usize, bits: u64): void {
  let limb0 = load<u64>(p)
  let limb1 = load<u64>(p, 8)
  let limb2 = load<u64>(p, 16)
  let limb3 = load<u64>(p, 24)
  if (bits >= 64) {
    if (bits >= 256) {
      setZero(p)
      return
    }
    if ((bits & 64) !== 0) {
      limb3 = limb2
      limb2 = limb1
      limb1 = limb0
      limb0 = 0
    }
    if ((bits & 128) !== 0) {
      limb3 = limb1
      limb2 = limb0
      limb1 = 0
      limb0 = 0
    }
  }
  const up = bits & 63
  // A shift by `down` and one more, for 64 - up is 64 where nothing is to be shifted.
  const down = 63 - up
  store<u64>(p, limb0 << up)
  store<u64>(p, (limb1 << up) | ((limb0 >> 1) >> down), 8)
  store<u64>(p, (limb2 << up) | ((limb1 >> 1) >> down), 16)
  store<u64>(p, (limb3 << up) | ((limb2 >> 1) >> down), 24)
}

/** Shifts the word in place; 256 bits or more leave zero. */
export function shiftRight(p: usize, bits: u64): void {
  shiftDown(p, bits, 0)
}

/** Shifts the two's complement in place; 256 bits or more leave its sign, 0 or -1. */
export function shiftRightSigned(p: usize, bits: u64): void {
  shiftDown(p, bits, <u64>(load<i64>(p, 24) >> 63))
}

/** `fill`: what moves in at the top, 64 equal bits. */
// @inline
function shiftDown(p: usize, bits: u64, fill: u64): void {
  let limb0 = load<u64>(p)
  let limb1 = load<u64>(p, 8)
  let limb2 = load<u64>(p, 16)
  let limb3 = load<u64>(p, 24)
  if (bits >= 64) {
    if (bits >= 256) {
      limb0 = fill
      limb1 = fill
      limb2 = fill
      limb3 = fill
    }
    if ((bits & 64) !== 0) {
      limb0 = limb1
      limb1 = limb2
      limb2 = limb3
      limb3 = fill
    }
    if ((bits & 128) !== 0) {
      limb0 = limb2
      limb1 = limb3
      limb2 = fill
      limb3 = fill
    }
  }
  const down = bits & 63
  const up = 63 - down
  store<u64>(p, (limb0 >> down) | ((limb1 << 1) << up))
  store<u64>(p, (limb1 >> down) | ((limb2 << 1) << up), 8)
  store<u64>(p, (limb2 >> down) | ((limb3 << 1) << up), 16)
  store<u64>(p, (limb3 >> down) | ((fill << 1) << up), 24)
}

/** Leading zero bits: 256 for zero. */
export function leadingZeros(p: usize): u64 {
  for (let limb: usize = 32; limb > 0; limb -= 8) {
    const bits = load<u64>(p + limb - 8)
    if (bits !== 0) return clz(bits) + ((32 - <u64>limb) << 3)
  }
  return 256
}
