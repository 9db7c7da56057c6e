/**
 * How does a frame's memory grow, and where is what the last call returned?
 *
 * The return buffer lies above the memory of the frame that runs, and moves up when that grows: each time by as much as it
 * holds and more, so that its bytes are copied no oftener than new memory is paid for.
 */
import { memoryWords } from './counts.ts'
import { reach } from './heap.ts'
import { EXHAUSTED, GO, MEMORY, MEMORY_LIMIT, MEMORY_SIZE, OUT_OF_GAS, WORDS_BELOW } from './layout.ts'

/** More than anybody has; sums of a few of it are still numbers. */
export const NO_GAS: i64 = 1 << 61
/** Beyond this the cost does not fit 64 bits. */
const REACH: u64 = 0x1fffffffe0

let buffer: usize = 0
let bufferBytes: u32 = 0

// @inline
export function returnData(): usize {
  return buffer
}

// @inline
export function returnSize(): u32 {
  return bufferBytes
}

export function clearReturnData(): void {
  bufferBytes = 0
}

/** Makes room for `size` bytes of return data above the memory of `frame`: GO, and the bytes go to `returnData`. */
export function reserveReturnData(frame: usize, size: u32): i32 {
  bufferBytes = 0
  const words = <u64>load<u32>(frame, WORDS_BELOW) + (load<u32>(frame, MEMORY_SIZE) >> 5) + wordsOf(size)
  if (words > memoryWords) return MEMORY_LIMIT
  buffer = endOf(frame)
  if (!reach(buffer + <usize>size)) return EXHAUSTED
  bufferBytes = size
  return GO
}

/** Takes bytes that a frame above left. */
export function keepReturnData(frame: usize, from: usize, size: u32): void {
  buffer = endOf(frame)
  bufferBytes = size
  memory.copy(buffer, from, <usize>size)
}

/** Where a frame's memory ends. */
// @inline
export function endOf(frame: usize): usize {
  return <usize>load<u32>(frame, MEMORY) + <usize>load<u32>(frame, MEMORY_SIZE)
}

// @inline
export function wordsOf(bytes: u64): u64 {
  return (bytes + 31) >> 5
}

/** What it costs to have `length` bytes at `offset`. */
export function expansionGas(frame: usize, offset: u64, length: u64): i64 {
  if (length === 0) return 0
  if (offset > REACH || length > REACH || offset + length > REACH) return NO_GAS
  const size = <u64>load<u32>(frame, MEMORY_SIZE)
  if (offset + length <= size) return 0
  return gasOfWords(wordsOf(offset + length)) - gasOfWords(size >> 5)
}

// @inline
function gasOfWords(words: u64): i64 {
  return <i64>(3 * words + ((words * words) >> 9))
}

/** Grows memory that is paid for: GO, a limit or EXHAUSTED. */
export function expand(frame: usize, offset: u64, length: u64): i32 {
  const size = load<u32>(frame, MEMORY_SIZE)
  if (length === 0) return GO
  // Only who has more than NO_GAS comes here with such an offset.
  if (offset > REACH || length > REACH) return MEMORY_LIMIT
  if (offset + length <= <u64>size) return GO
  const words = wordsOf(offset + length)
  if (<u64>load<u32>(frame, WORDS_BELOW) + words + wordsOf(bufferBytes) > memoryWords) return MEMORY_LIMIT
  const from = endOf(frame)
  const to = <usize>load<u32>(frame, MEMORY) + <usize>(words << 5)
  if (bufferBytes !== 0 && to > buffer) {
    const higher = to + <usize>(wordsOf(bufferBytes) << 5)
    if (!reach(higher + <usize>bufferBytes)) return EXHAUSTED
    memory.copy(higher, buffer, <usize>bufferBytes)
    buffer = higher
  }
  if (!reach(to)) return EXHAUSTED
  memory.fill(from, 0, to - from)
  store<u32>(frame, <u32>(words << 5), MEMORY_SIZE)
  return GO
}

/** Charges for `length` bytes at `offset` and has them: the gas that is left, or a status below zero. */
export function grow(frame: usize, offset: u64, length: u64, gas: i64): i64 {
  const left = gas - expansionGas(frame, offset, length)
  if (left < 0) return -(<i64>OUT_OF_GAS)
  const status = expand(frame, offset, length)
  return status === GO ? left : -(<i64>status)
}

/** Copies bytes from an offset of what has `size` bytes, with zeros beyond. */
export function copyPadded(to: usize, from: usize, size: u64, offset: u64, length: u64): void {
  const there = offset >= size ? 0 : min(size - offset, length)
  // Copying nothing from beyond all memory would trap.
  if (there !== 0) memory.copy(to, from + <usize>offset, <usize>there)
  memory.fill(to + <usize>there, 0, <usize>(length - there))
}
