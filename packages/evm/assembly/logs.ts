/** Which logs has the transaction written? A list that a revert cuts, its last log first. */

import { allocate } from './heap.ts'
import { ADDRESS } from './layout.ts'
import { NO_GAS } from './memory.ts'
import { copyWord } from './word.ts'

const BEFORE: usize = 0
const TOPICS: usize = 4
const SIZE: usize = 8
const WHO: usize = 16
/** Topics, word upon word, then the data. */
const CONTENT: usize = 48

let last: u32 = 0

// @inline
export function logMark(): u32 {
  return last
}

export function cutLogs(mark: u32): void {
  last = mark
}

// @inline
export function logGas(size: u64): i64 {
  return size > 0xffffffff ? NO_GAS : <i64>(size << 3)
}

/** Writes a log of the frame; the first topic is below `topics` on the stack. False if there is no room. */
export function addLog(frame: usize, topics: usize, count: u32, data: usize, size: u32): bool {
  const bytes = CONTENT + ((<usize>count) << 5) + <usize>size
  const log = allocate(bytes)
  if (log === 0) return false
  store<u32>(log, last, BEFORE)
  store<u32>(log, count, TOPICS)
  store<u32>(log, size, SIZE)
  copyWord(log + WHO, frame + ADDRESS)
  for (let i: usize = 0; i < <usize>count; i++) copyWord(log + CONTENT + (i << 5), topics - ((i + 1) << 5))
  memory.copy(log + CONTENT + ((<usize>count) << 5), data, <usize>size)
  last = <u32>log
  return true
}
