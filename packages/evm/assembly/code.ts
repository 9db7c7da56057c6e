/**
 * Which code is known, and where may one jump in it?
 *
 * A code stands in memory once for its hash: its bytes, zeros for what a PUSH at the end reads beyond it, and one bit for
 * each byte, set where a JUMPDEST is that no PUSH owns.
 */
import { BYTES, BYTES_JUMPS, BYTES_SIZE, CODE_BYTES, CODES, find, insert } from './facts.ts'
import { allocate } from './heap.ts'
import { JUMPDEST, PUSH1, PUSH32 } from './opcodes.ts'

/** What a PUSH32 as the last byte reads, and the STOP after it. */
const PADDING: usize = 64
/** 0xef0100 and an address (EIP-7702). */
const DELEGATION_SIZE: u32 = 23

/** The bytes that code of this size takes with its padding and bits. */
// @inline
export function codeSpace(size: u32): usize {
  return paddedSize(size) + (((<usize>size >> 6) + 1) << 3)
}

/** Where the bits of a code at `at` are. */
// @inline
export function jumpsOf(at: usize, size: u32): usize {
  return at + paddedSize(size)
}

// @inline
function paddedSize(size: u32): usize {
  return ((<usize>size + 31) & ~31) + PADDING
}

/** The record of the code with this hash; 0 if it is not known. */
export function codeOf(hash: usize): usize {
  return find(CODES, hash)
}

/** A record with room for a code, whose bytes the caller writes and `analyze` then reads; 0 if there is no room. */
export function addCode(hash: usize, size: u32): usize {
  const bytes = allocate(codeSpace(size))
  if (bytes === 0) return 0
  const record = insert(CODES, hash, CODE_BYTES)
  if (record === 0) return 0
  store<u32>(record, <u32>bytes, BYTES)
  store<u32>(record, size, BYTES_SIZE)
  store<u32>(record, <u32>jumpsOf(bytes, size), BYTES_JUMPS)
  return record
}

/** Writes padding and bits of the code at `at`. */
export function analyze(at: usize, size: u32): void {
  const jumps = jumpsOf(at, size)
  memory.fill(at + <usize>size, 0, jumps - at - <usize>size)
  memory.fill(jumps, 0, ((<usize>size >> 6) + 1) << 3)
  for (let i: u32 = 0; i < size; i++) {
    const opcode = <u32>load<u8>(at + <usize>i)
    if (opcode === JUMPDEST) {
      const place = jumps + (<usize>i >> 3)
      store<u8>(place, load<u8>(place) | ((<u8>1) << (<u8>i & 7)))
    } else if (opcode >= PUSH1 && opcode <= PUSH32) {
      i += opcode - PUSH1 + 1
    }
  }
}

/** Whether the code is a pointer to another account's. */
export function isDelegation(record: usize): bool {
  if (load<u32>(record, BYTES_SIZE) !== DELEGATION_SIZE) return false
  const bytes = <usize>load<u32>(record, BYTES)
  return load<u16>(bytes) === 0x01ef && load<u8>(bytes, 2) === 0
}
