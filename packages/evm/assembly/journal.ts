/**
 * How is what a reverted frame did undone?
 *
 * Every change of a record first notes the bytes that stood there. A frame remembers how long the journal was when it began.
 */
import { FACT_FLAGS } from './facts.ts'
import { allocate } from './heap.ts'

const PLACE: usize = 0
const SIZE: usize = 4
const OLD: usize = 16
const ENTRY: usize = 48
const FIRST_BYTES: usize = ENTRY * 256
/** More than one operation notes. */
const RESERVE: usize = ENTRY * 16

let base: usize = 0
let length: usize = 0
let bytes: usize = 0

export function openJournal(): bool {
  base = allocate(FIRST_BYTES)
  length = 0
  bytes = FIRST_BYTES
  return base !== 0
}

/** Forgets what can no longer be undone. */
export function clearJournal(): void {
  length = 0
}

/** Whether an operation's entries have room. To be asked before it changes anything. */
export function hasEntries(): bool {
  if (length + RESERVE <= bytes) return true
  const wider = allocate(bytes << 1)
  if (wider === 0) return false
  memory.copy(wider, base, length)
  base = wider
  bytes <<= 1
  return true
}

// @inline
export function checkpoint(): u32 {
  return <u32>length
}

/** Notes 8 bytes. */
export function note8(place: usize): void {
  const entry = base + length
  store<u32>(entry, <u32>place, PLACE)
  store<u32>(entry, 8, SIZE)
  store<u64>(entry, load<u64>(place), OLD)
  length += ENTRY
}

/** Notes a word. */
export function noteWord(place: usize): void {
  const entry = base + length
  store<u32>(entry, <u32>place, PLACE)
  store<u32>(entry, 32, SIZE)
  v128.store(entry, v128.load(place), OLD)
  v128.store(entry, v128.load(place, 16), OLD + 16)
  length += ENTRY
}

/** Sets a flag of a record, so that a revert takes it back. */
export function raise(record: usize, flag: u32): void {
  const flags = load<u32>(record, FACT_FLAGS)
  if ((flags & flag) === flag) return
  note8(record + FACT_FLAGS)
  store<u32>(record, flags | flag, FACT_FLAGS)
}

export function undoTo(mark: u32): void {
  while (length > <usize>mark) {
    length -= ENTRY
    const entry = base + length
    const place = <usize>load<u32>(entry, PLACE)
    if (load<u32>(entry, SIZE) === 8) {
      store<u64>(place, load<u64>(entry, OLD))
    } else {
      v128.store(place, v128.load(entry, OLD))
      v128.store(place, v128.load(entry, OLD + 16), 16)
    }
  }
}
