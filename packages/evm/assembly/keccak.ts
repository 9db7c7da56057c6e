/**
 * Keccak-256, the hash of Ethereum (padding 0x01, not SHA-3's).
 *
 * `keccakBegin`, `keccakAbsorb` and `keccakFinish` hash what comes in parts, as through `keccakInput`; the other two do all
 * at once.
 */
import { copyWord, loadBigEndian } from './word.ts'

/** Bytes that one permutation takes in. */
const RATE: i32 = 136
const STATE: usize = memory.data(200)
/** Where whoever has no memory of his own in here puts up to 4,080 bytes at a time. */
export const keccakInput: usize = memory.data(30 * 136)

// biome-ignore format: one constant a round
const ROUND_CONSTANTS: usize = memory.data<u64>([
  0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b, 0x0000000080000001,
  0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
  0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
  0x000000000000800a, 0x800000008000000a, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
])
const ROUND_CONSTANTS_END: usize = ROUND_CONSTANTS + 24 * 8

/** The hash as a word, in limbs. */
export function keccak256(from: usize, length: i32, to: usize): void {
  keccakBegin()
  loadBigEndian(to, keccakFinish(from, length))
}

/** The hash as its 32 bytes. */
export function keccakBytes(from: usize, length: i32, to: usize): void {
  keccakBegin()
  copyWord(to, keccakFinish(from, length))
}

export function keccakBegin(): void {
  const zero = i64x2.splat(0)
  for (let lane = STATE; lane < STATE + 192; lane += 16) v128.store(lane, zero)
  store<u64>(STATE, 0, 192)
}

/** Takes in a multiple of 136 bytes. */
export function keccakAbsorb(from: usize, length: i32): void {
  for (const end = from + <usize>length; from < end; from += <usize>RATE) {
    for (let i: usize = 0; i < <usize>RATE; i += 8) addLane(i, load<u64>(from + i))
    permute()
  }
}

/** Takes in the last bytes and ends. Returns where the hash's 32 bytes are until the next hash begins. */
export function keccakFinish(from: usize, length: i32): usize {
  const rest = length % RATE
  keccakAbsorb(from, length - rest)
  from += <usize>(length - rest)
  const whole = <usize>rest & ~7
  for (let i: usize = 0; i < whole; i += 8) addLane(i, load<u64>(from + i))
  let last: u64 = 1
  for (let i = <usize>rest; i > whole; i--) last = (last << 8) | load<u8>(from + i - 1)
  addLane(whole, last)
  addLane(<usize>RATE - 8, 0x8000000000000000)
  permute()
  return STATE
}

// @inline
function addLane(at: usize, bits: u64): void {
  store<u64>(STATE + at, load<u64>(STATE + at) ^ bits)
}

/** Keccak-f[1600]. Lanes are named by row and column: a0 … a4 are the first row. */
function permute(): void {
  let a0 = load<u64>(STATE)
  let a1 = load<u64>(STATE, 8)
  let a2 = load<u64>(STATE, 16)
  let a3 = load<u64>(STATE, 24)
  let a4 = load<u64>(STATE, 32)
  let b0 = load<u64>(STATE, 40)
  let b1 = load<u64>(STATE, 48)
  let b2 = load<u64>(STATE, 56)
  let b3 = load<u64>(STATE, 64)
  let b4 = load<u64>(STATE, 72)
  let c0 = load<u64>(STATE, 80)
  let c1 = load<u64>(STATE, 88)
  let c2 = load<u64>(STATE, 96)
  let c3 = load<u64>(STATE, 104)
  let c4 = load<u64>(STATE, 112)
  let d0 = load<u64>(STATE, 120)
  let d1 = load<u64>(STATE, 128)
  let d2 = load<u64>(STATE, 136)
  let d3 = load<u64>(STATE, 144)
  let d4 = load<u64>(STATE, 152)
  let e0 = load<u64>(STATE, 160)
  let e1 = load<u64>(STATE, 168)
  let e2 = load<u64>(STATE, 176)
  let e3 = load<u64>(STATE, 184)
  let e4 = load<u64>(STATE, 192)

  for (let round = ROUND_CONSTANTS; round < ROUND_CONSTANTS_END; round += 8) {
    // θ
    const column0 = a0 ^ b0 ^ c0 ^ d0 ^ e0
    const column1 = a1 ^ b1 ^ c1 ^ d1 ^ e1
    const column2 = a2 ^ b2 ^ c2 ^ d2 ^ e2
    const column3 = a3 ^ b3 ^ c3 ^ d3 ^ e3
    const column4 = a4 ^ b4 ^ c4 ^ d4 ^ e4
    const mix0 = column4 ^ rotl(column1, 1)
    const mix1 = column0 ^ rotl(column2, 1)
    const mix2 = column1 ^ rotl(column3, 1)
    const mix3 = column2 ^ rotl(column4, 1)
    const mix4 = column3 ^ rotl(column0, 1)

    // ρ and π, row by row of what comes out; χ and ι at once.
    const p0 = a0 ^ mix0
    const p1 = rotl(b1 ^ mix1, 44)
    const p2 = rotl(c2 ^ mix2, 43)
    const p3 = rotl(d3 ^ mix3, 21)
    const p4 = rotl(e4 ^ mix4, 14)
    const q0 = rotl(a3 ^ mix3, 28)
    const q1 = rotl(b4 ^ mix4, 20)
    const q2 = rotl(c0 ^ mix0, 3)
    const q3 = rotl(d1 ^ mix1, 45)
    const q4 = rotl(e2 ^ mix2, 61)
    const r0 = rotl(a1 ^ mix1, 1)
    const r1 = rotl(b2 ^ mix2, 6)
    const r2 = rotl(c3 ^ mix3, 25)
    const r3 = rotl(d4 ^ mix4, 8)
    const r4 = rotl(e0 ^ mix0, 18)
    const s0 = rotl(a4 ^ mix4, 27)
    const s1 = rotl(b0 ^ mix0, 36)
    const s2 = rotl(c1 ^ mix1, 10)
    const s3 = rotl(d2 ^ mix2, 15)
    const s4 = rotl(e3 ^ mix3, 56)
    const t0 = rotl(a2 ^ mix2, 62)
    const t1 = rotl(b3 ^ mix3, 55)
    const t2 = rotl(c4 ^ mix4, 39)
    const t3 = rotl(d0 ^ mix0, 41)
    const t4 = rotl(e1 ^ mix1, 2)
    a0 = p0 ^ (~p1 & p2) ^ load<u64>(round)
    a1 = p1 ^ (~p2 & p3)
    a2 = p2 ^ (~p3 & p4)
    a3 = p3 ^ (~p4 & p0)
    a4 = p4 ^ (~p0 & p1)
    b0 = q0 ^ (~q1 & q2)
    b1 = q1 ^ (~q2 & q3)
    b2 = q2 ^ (~q3 & q4)
    b3 = q3 ^ (~q4 & q0)
    b4 = q4 ^ (~q0 & q1)
    c0 = r0 ^ (~r1 & r2)
    c1 = r1 ^ (~r2 & r3)
    c2 = r2 ^ (~r3 & r4)
    c3 = r3 ^ (~r4 & r0)
    c4 = r4 ^ (~r0 & r1)
    d0 = s0 ^ (~s1 & s2)
    d1 = s1 ^ (~s2 & s3)
    d2 = s2 ^ (~s3 & s4)
    d3 = s3 ^ (~s4 & s0)
    d4 = s4 ^ (~s0 & s1)
    e0 = t0 ^ (~t1 & t2)
    e1 = t1 ^ (~t2 & t3)
    e2 = t2 ^ (~t3 & t4)
    e3 = t3 ^ (~t4 & t0)
    e4 = t4 ^ (~t0 & t1)
  }

  store<u64>(STATE, a0)
  store<u64>(STATE, a1, 8)
  store<u64>(STATE, a2, 16)
  store<u64>(STATE, a3, 24)
  store<u64>(STATE, a4, 32)
  store<u64>(STATE, b0, 40)
  store<u64>(STATE, b1, 48)
  store<u64>(STATE, b2, 56)
  store<u64>(STATE, b3, 64)
  store<u64>(STATE, b4, 72)
  store<u64>(STATE, c0, 80)
  store<u64>(STATE, c1, 88)
  store<u64>(STATE, c2, 96)
  store<u64>(STATE, c3, 104)
  store<u64>(STATE, c4, 112)
  store<u64>(STATE, d0, 120)
  store<u64>(STATE, d1, 128)
  store<u64>(STATE, d2, 136)
  store<u64>(STATE, d3, 144)
  store<u64>(STATE, d4, 152)
  store<u64>(STATE, e0, 160)
  store<u64>(STATE, e1, 168)
  store<u64>(STATE, e2, 176)
  store<u64>(STATE, e3, 184)
  store<u64>(STATE, e4, 192)
}
