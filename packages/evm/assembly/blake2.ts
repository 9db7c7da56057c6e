/**
 * The compression function F of BLAKE2b (RFC 7693, 3.2), with as many rounds as one asks for: EIP-152.
 *
 * The sixteen words of the state are eight vectors of two. A round's columns, and then its diagonals, are mixed two at a time.
 */

/** The state (64 bytes), the message block (128) and the offset counter (16), each word with its lowest byte first. */
export const blake2Block: usize = memory.data(64 + 128 + 16)
const MESSAGE: usize = blake2Block + 64
const COUNTER: usize = MESSAGE + 128

// biome-ignore format: four words a line
const IV: usize = memory.data<u64>([
  0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
  0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
])

/** Which words of the message a round takes, in the order in which the vectors do: of each half the first words, then the second. */
// biome-ignore format: one round a line
const SIGMA: usize = memory.data<u8>([
  0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14, 9, 11, 13, 15,
  14, 4, 9, 13, 10, 8, 15, 6, 1, 0, 11, 5, 12, 2, 7, 3,
  11, 12, 5, 15, 8, 0, 2, 13, 10, 3, 7, 9, 14, 6, 1, 4,
  7, 3, 13, 11, 9, 1, 12, 14, 2, 5, 4, 15, 6, 10, 0, 8,
  9, 5, 2, 10, 0, 7, 4, 15, 14, 11, 6, 3, 1, 12, 8, 13,
  2, 6, 0, 8, 12, 10, 11, 3, 4, 7, 15, 1, 13, 5, 14, 9,
  12, 1, 14, 4, 5, 15, 13, 10, 0, 6, 9, 8, 7, 3, 2, 11,
  13, 7, 12, 3, 11, 14, 1, 9, 5, 15, 8, 2, 0, 4, 6, 10,
  6, 14, 11, 0, 15, 9, 3, 8, 12, 13, 1, 10, 2, 7, 4, 5,
  10, 8, 7, 1, 2, 4, 6, 5, 15, 9, 3, 13, 11, 14, 12, 0,
])
/** The message in that order, for each of the ten rounds that follow one another in a circle. */
const SCHEDULE: usize = memory.data(10 * 128)
const SCHEDULE_END: usize = SCHEDULE + 10 * 128

/** Mixes the block, and leaves the new state in its place. */
export function blake2Compress(rounds: u32, isLast: bool): void {
  for (let i: usize = 0; i < 160; i++)
    store<u64>(SCHEDULE + (i << 3), load<u64>(MESSAGE + ((<usize>load<u8>(SIGMA + i)) << 3)))

  let a0 = v128.load(blake2Block)
  let a1 = v128.load(blake2Block, 16)
  let b0 = v128.load(blake2Block, 32)
  let b1 = v128.load(blake2Block, 48)
  let c0 = v128.load(IV)
  let c1 = v128.load(IV, 16)
  let d0 = v128.xor(v128.load(IV, 32), v128.load(COUNTER))
  let d1 = v128.xor(v128.load(IV, 48), i64x2(isLast ? -1 : 0, 0))

  for (let at = SCHEDULE; rounds > 0; rounds--) {
    a0 = add3(a0, b0, v128.load(at))
    a1 = add3(a1, b1, v128.load(at, 16))
    d0 = rotate32(v128.xor(d0, a0))
    d1 = rotate32(v128.xor(d1, a1))
    c0 = i64x2.add(c0, d0)
    c1 = i64x2.add(c1, d1)
    b0 = rotate24(v128.xor(b0, c0))
    b1 = rotate24(v128.xor(b1, c1))
    a0 = add3(a0, b0, v128.load(at, 32))
    a1 = add3(a1, b1, v128.load(at, 48))
    d0 = rotate16(v128.xor(d0, a0))
    d1 = rotate16(v128.xor(d1, a1))
    c0 = i64x2.add(c0, d0)
    c1 = i64x2.add(c1, d1)
    b0 = rotate63(v128.xor(b0, c0))
    b1 = rotate63(v128.xor(b1, c1))

    // The diagonals become columns: rows b, c and d turn by one, two and three. c's vectors just change their roles.
    let b2 = straddle(b0, b1)
    let b3 = straddle(b1, b0)
    let d2 = straddle(d1, d0)
    let d3 = straddle(d0, d1)
    a0 = add3(a0, b2, v128.load(at, 64))
    a1 = add3(a1, b3, v128.load(at, 80))
    d2 = rotate32(v128.xor(d2, a0))
    d3 = rotate32(v128.xor(d3, a1))
    c1 = i64x2.add(c1, d2)
    c0 = i64x2.add(c0, d3)
    b2 = rotate24(v128.xor(b2, c1))
    b3 = rotate24(v128.xor(b3, c0))
    a0 = add3(a0, b2, v128.load(at, 96))
    a1 = add3(a1, b3, v128.load(at, 112))
    d2 = rotate16(v128.xor(d2, a0))
    d3 = rotate16(v128.xor(d3, a1))
    c1 = i64x2.add(c1, d2)
    c0 = i64x2.add(c0, d3)
    b2 = rotate63(v128.xor(b2, c1))
    b3 = rotate63(v128.xor(b3, c0))
    b0 = straddle(b3, b2)
    b1 = straddle(b2, b3)
    d0 = straddle(d2, d3)
    d1 = straddle(d3, d2)

    at += 128
    if (at === SCHEDULE_END) at = SCHEDULE
  }

  v128.store(blake2Block, v128.xor(v128.load(blake2Block), v128.xor(a0, c0)))
  v128.store(blake2Block, v128.xor(v128.load(blake2Block, 16), v128.xor(a1, c1)), 16)
  v128.store(blake2Block, v128.xor(v128.load(blake2Block, 32), v128.xor(b0, d0)), 32)
  v128.store(blake2Block, v128.xor(v128.load(blake2Block, 48), v128.xor(b1, d1)), 48)
}

// @inline
function add3(a: v128, b: v128, c: v128): v128 {
  return i64x2.add(i64x2.add(a, b), c)
}

/** The second word of `a`, and the first of `b`. */
// @inline
function straddle(a: v128, b: v128): v128 {
  return v128.shuffle<u64>(a, b, 1, 2)
}

// @inline
function rotate32(x: v128): v128 {
  return v128.shuffle<u32>(x, x, 1, 0, 3, 2)
}

// @inline
function rotate24(x: v128): v128 {
  return v128.shuffle<u8>(x, x, 3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10)
}

// @inline
function rotate16(x: v128): v128 {
  return v128.shuffle<u16>(x, x, 1, 2, 3, 0, 5, 6, 7, 4)
}

// @inline
function rotate63(x: v128): v128 {
  return v128.or(i64x2.shl(x, 1), i64x2.shr_u(x, 63))
}
