/** How does a frame begin, and what becomes of it and its caller when it ends? */
import { addCode, analyze, codeOf, codeSpace, jumpsOf } from './code.ts'
import { depthLimit, isTraced, spend } from './counts.ts'
import { BYTES, BYTES_JUMPS, BYTES_SIZE } from './facts.ts'
import { arena, reach } from './heap.ts'
import { checkpoint, clearJournal, undoTo } from './journal.ts'
import { keccak256 } from './keccak.ts'
import * as at from './layout.ts'
import { cutLogs, logMark } from './logs.ts'
import { clearReturnData, keepReturnData, returnData, returnSize } from './memory.ts'
import { removeDestroyed, setCode } from './state.ts'
import { copyWord, setU64, setZero } from './word.ts'

/** The EVM's own bound on nested calls. */
const MOST_DEPTH: u32 = 1024
const MOST_CODE: u32 = 0x6000
const CODE_BYTE_GAS: i64 = 200
const HASH: usize = memory.data(32)

/** The frame that runs; 0 if none does. */
let running: usize = 0
let refund: i64 = 0

/** How the run ended: RETURNED, REVERTED or a halt. */
let ending: i32 = 0
let endingGas: i64 = 0
/** The output of the frame that ended last. */
let output: usize = 0
let outputSize: u32 = 0

// @inline
export function runningFrame(): usize {
  return running
}

export function resetFrames(): void {
  running = 0
  refund = 0
  clearReturnData()
  clearJournal()
  cutLogs(0)
}

export function addRefund(gas: i64): void {
  refund += gas
}

export function refundOf(): i64 {
  return refund
}

export function endingOf(): i32 {
  return ending
}

export function gasAtEnd(): i64 {
  return endingGas
}

export function outputAt(): usize {
  return output
}

export function outputBytes(): u32 {
  return outputSize
}

/** Whether the EVM lets a call from `frame` fail. */
// @inline
export function isTooDeep(frame: usize): bool {
  return load<u32>(frame, at.DEPTH) >= MOST_DEPTH
}

/** Whether a call from `frame` ends the run. */
// @inline
export function isAtDepthLimit(frame: usize): bool {
  return load<u32>(frame, at.DEPTH) >= depthLimit
}

/**
 * A new frame above `parent` (0: the message's own), not running yet; 0 if the host has no memory. Whoever makes it fills in
 * account, words and input. `code` is a record, or 0 for none.
 */
export function newFrame(parent: usize, base: usize, code: usize, kind: u32, gas: i64): usize {
  const frame = (base + 31) & ~31
  if (!reach(frame + at.FRAME_BYTES)) return 0
  if (code !== 0) {
    setCodeAt(frame, <usize>load<u32>(code, BYTES), load<u32>(code, BYTES_SIZE), <usize>load<u32>(code, BYTES_JUMPS))
  } else {
    setCodeAt(frame, NO_CODE, 0, NO_CODE)
  }
  begin(frame, parent, kind, gas)
  store<u32>(frame, <u32>(frame + at.FRAME_BYTES), at.MEMORY)
  return frame
}

/** The same for a contract's creation: the init code is copied, for the caller's memory has no padding. */
export function newCreation(parent: usize, base: usize, init: usize, size: u32, kind: u32, gas: i64): usize {
  const frame = (base + 31) & ~31
  const code = frame + at.FRAME_BYTES
  const memoryBase = (code + codeSpace(size) + 31) & ~31
  if (!reach(memoryBase)) return 0
  memory.copy(code, init, <usize>size)
  analyze(code, size)
  spend(<i64>size)
  setCodeAt(frame, code, size, jumpsOf(code, size))
  begin(frame, parent, kind, gas)
  store<u32>(frame, <u32>memoryBase, at.MEMORY)
  store<u32>(frame, at.IS_CREATE, at.FLAGS)
  return frame
}

/** A STOP. */
const NO_CODE: usize = memory.data(64)

function setCodeAt(frame: usize, code: usize, size: u32, jumps: usize): void {
  store<u32>(frame, <u32>code, at.CODE)
  store<u32>(frame, <u32>code, at.PC)
  store<u32>(frame, size, at.CODE_SIZE)
  store<u32>(frame, <u32>jumps, at.JUMPS)
}

function begin(frame: usize, parent: usize, kind: u32, gas: i64): void {
  store<u32>(frame, <u32>parent, at.PARENT)
  store<i64>(frame, gas, at.GAS)
  store<u32>(frame, <u32>(frame + at.STACK), at.SP)
  store<u32>(frame, 0, at.MEMORY_SIZE)
  store<u32>(frame, 0, at.INPUT_SIZE)
  store<u32>(frame, 0, at.OUTPUT_SIZE)
  store<u32>(frame, 0, at.FLAGS)
  store<u32>(frame, kind, at.KIND)
  store<u32>(frame, checkpoint(), at.JOURNAL)
  store<u32>(frame, logMark(), at.LOGS)
  store<i64>(frame, refund, at.REFUND)
  let depth: u32 = 0
  let words: u32 = 0
  if (parent !== 0) {
    depth = load<u32>(parent, at.DEPTH) + 1
    words = load<u32>(parent, at.WORDS_BELOW) + (load<u32>(parent, at.MEMORY_SIZE) >> 5)
  }
  store<u32>(frame, depth, at.DEPTH)
  store<u32>(frame, words, at.WORDS_BELOW)
}

/** Lets a frame run. Its caller's return data is gone from here on. */
export function enter(frame: usize): i32 {
  clearReturnData()
  running = frame
  return isTraced ? at.ENTERED : at.GO
}

/** Ends the running frame: RETURNED or REVERTED with bytes at `from`, or a halt. */
export function leave(how: i32, from: usize, size: u32): i32 {
  const frame = running
  if (how === at.RETURNED && (load<u32>(frame, at.FLAGS) & at.IS_CREATE) !== 0) {
    how = deposit(frame, from, size)
    if (how >= at.LIMITS) return how
  }
  if (how !== at.RETURNED) {
    undoTo(load<u32>(frame, at.JOURNAL))
    cutLogs(load<u32>(frame, at.LOGS))
    refund = load<i64>(frame, at.REFUND)
  }
  const gas = how > 0 ? 0 : load<i64>(frame, at.GAS)
  ending = how
  endingGas = gas
  output = from
  outputSize = how > 0 ? 0 : size
  const parent = <usize>load<u32>(frame, at.PARENT)
  running = parent
  clearReturnData()
  if (parent === 0) {
    if (how === at.RETURNED) removeDestroyed()
    return at.ENDED
  }
  store<i64>(parent, load<i64>(parent, at.GAS) + gas, at.GAS)
  if ((load<u32>(frame, at.FLAGS) & at.IS_CREATE) !== 0) answerCreation(parent, frame, how)
  else
    answerCall(
      parent,
      how === at.RETURNED,
      from,
      outputSize,
      load<u32>(frame, at.OUTPUT),
      load<u32>(frame, at.OUTPUT_SIZE),
    )
  // What was kept moved down; a trace reads it there.
  if (returnSize() !== 0) output = returnData()
  return isTraced ? at.LEFT : at.GO
}

/** Pushes whether the call succeeded, and hands its caller the output, as much as was asked for. */
export function answerCall(parent: usize, success: bool, from: usize, size: u32, to: u32, asked: u32): void {
  const sp = <usize>load<u32>(parent, at.SP)
  setU64(sp, u64(success))
  store<u32>(parent, <u32>(sp + 32), at.SP)
  memory.copy(<usize>load<u32>(parent, at.MEMORY) + <usize>to, from, <usize>min(size, asked))
  if (returnData() !== from || returnSize() !== size) keepReturnData(parent, from, size)
}

/** Pushes the new contract's address or zero; only what reverted has return data. */
function answerCreation(parent: usize, frame: usize, how: i32): void {
  const sp = <usize>load<u32>(parent, at.SP)
  if (how === at.RETURNED) copyWord(sp, frame + at.ADDRESS)
  else setZero(sp)
  store<u32>(parent, <u32>(sp + 32), at.SP)
  if (how === at.REVERTED) keepReturnData(parent, output, outputSize)
}

/** Makes what a creation returned the code of its account: RETURNED, or why it is none. */
function deposit(frame: usize, from: usize, size: u32): i32 {
  if (size === 0) return at.RETURNED
  if (size > MOST_CODE || load<u8>(from) === 0xef) return at.CREATE_CODE
  const gas = load<i64>(frame, at.GAS) - CODE_BYTE_GAS * <i64>size
  if (gas < 0) return at.OUT_OF_GAS
  keccak256(from, <i32>size, HASH)
  let record = codeOf(HASH)
  if (record === 0) {
    record = addCode(HASH, size)
    if (record === 0) return at.MEMORY_LIMIT
    const bytes = <usize>load<u32>(record, BYTES)
    memory.copy(bytes, from, <usize>size)
    analyze(bytes, size)
  }
  store<i64>(frame, gas, at.GAS)
  setCode(<usize>load<u32>(frame, at.ACCOUNT), HASH, record)
  return at.RETURNED
}

/** Ends the whole run at once, for a limit. */
export function stop(limit: i32): i32 {
  undoTo(0)
  cutLogs(0)
  refund = 0
  running = 0
  ending = limit
  endingGas = 0
  outputSize = 0
  return at.ENDED
}

/** Ends a message that needed no frame. */
export function endWithoutFrame(how: i32, gas: i64, from: usize, size: u32): i32 {
  ending = how
  endingGas = how > 0 ? 0 : gas
  output = from
  outputSize = how > 0 ? 0 : size
  return at.ENDED
}

/** Where the message's own frame begins, above what the message carries. */
export function firstFrame(messageBytes: u32): usize {
  return arena() + <usize>messageBytes
}
