/**
 * The machine's door to its host: how facts come in, and how a message is run step by step.
 *
 * The host writes words to `noteAddress`, `noteWord` and `noteValue` before it puts a fact, and reads there what is missing.
 */
import { addCode, analyze } from './code.ts'
import { countRead, NOTE_ADDRESS, NOTE_WORD, setLimits, setTraced } from './counts.ts'
import { environment, setBlobs } from './environment.ts'
import {
  BALANCE,
  BLOCK_HASHES,
  BYTES,
  CODE_HASH,
  CURRENT,
  find,
  IS_PRECOMPILE,
  IS_SORTED,
  insert,
  NONCE,
  openFacts,
  setFlag,
  VALUE_BYTES,
  WARM,
} from './facts.ts'
import { resetFrames, runningFrame, stop } from './frames.ts'
import { allocate, arena, openHeap, reach } from './heap.ts'
import { run } from './interpreter.ts'
import { openJournal } from './journal.ts'
import * as at from './layout.ts'
import { begin, cancel, isWaiting, warmAccount } from './message.ts'
import { reserveAnswer } from './precompiles.ts'
import { setRules } from './schedule.ts'
import { accountRecord, newSlot, putAccount, putSlot, slotOf } from './state.ts'
import { copyWord } from './word.ts'

export const noteAddress: usize = NOTE_ADDRESS
export const noteWord: usize = NOTE_WORD
export const noteValue: usize = memory.data(32)
export const environmentWords: usize = environment()

/** Forgets all. Blob hashes go, word upon word, to the place returned; 0 if the host has no memory. */
export function open(
  fork: i32,
  memoryWords: u32,
  depth: u32,
  reads: u32,
  accounts: u32,
  heapBytes: u32,
  blobs: u32,
  traced: bool,
): usize {
  if (!openHeap(<usize>heapBytes) || !openFacts() || !openJournal()) return 0
  resetFrames()
  cancel()
  setRules(fork)
  setLimits(memoryWords, depth, reads, accounts)
  setTraced(traced)
  const hashes = allocate(((<usize>blobs) << 5) + 32)
  setBlobs(hashes, blobs)
  return hashes
}

/** Says whether the host itself answers calls to the account. False, as with the other facts, if there is no room. */
export function sortAccount(isPrecompile: bool): bool {
  const account = accountRecord(NOTE_ADDRESS)
  if (account === 0) return false
  setFlag(account, isPrecompile ? IS_SORTED | IS_PRECOMPILE : IS_SORTED)
  return true
}

/** An account: its code's hash is in `noteWord`, its balance in `noteValue`. */
export function putKnownAccount(nonce: u64, hasStorage: bool): bool {
  const account = putAccount(NOTE_ADDRESS, true, hasStorage)
  if (account === 0) return false
  store<u64>(account, nonce, NONCE)
  copyWord(account + CODE_HASH, NOTE_WORD)
  copyWord(account + BALANCE, noteValue)
  return true
}

/** An account that does not exist. */
export function putNoAccount(): bool {
  return putAccount(NOTE_ADDRESS, false, false) !== 0
}

/** Where the host writes the code with the hash in `noteWord`, before it says `endCode`. */
export function putCode(size: u32): usize {
  const record = addCode(NOTE_WORD, size)
  return record === 0 ? 0 : <usize>load<u32>(record, BYTES)
}

export function endCode(code: usize, size: u32): void {
  analyze(code, size)
}

export function putSlotValue(): bool {
  const account = accountRecord(NOTE_ADDRESS)
  return account !== 0 && putSlot(account, NOTE_WORD, noteValue)
}

/** A block's hash: its number is in `noteWord`. */
export function putBlockHash(): bool {
  if (find(BLOCK_HASHES, NOTE_WORD) !== 0) return true
  const record = insert(BLOCK_HASHES, NOTE_WORD, VALUE_BYTES)
  if (record === 0) return false
  copyWord(record + CURRENT, noteValue)
  countRead()
  return true
}

export function warmAddress(): bool {
  return warmAccount(NOTE_ADDRESS)
}

export function warmSlot(): bool {
  const account = accountRecord(NOTE_ADDRESS)
  if (account === 0) return false
  const found = slotOf(account, NOTE_WORD)
  const slot = found !== 0 ? found : newSlot(account, NOTE_WORD)
  if (slot === 0) return false
  setFlag(slot, WARM)
  return true
}

/** Where the host writes a message's data; 0 if it has no memory. */
export function messageData(size: u32): usize {
  return reach(arena() + <usize>size + 32) ? arena() : 0
}

/** Goes on, until the message has ended or the host is asked. */
export function step(): i32 {
  let status: i32 = at.GO
  if (isWaiting()) status = begin()
  if (status === at.GO) status = runningFrame() === 0 ? at.ENDED : run()
  if (status >= at.EXITS) return status
  return fail(status)
}

/** Ends the run for a limit: also for a fact that has no room. */
export function fail(limit: i32): i32 {
  cancel()
  return stop(limit)
}

/** Room for the bytes that a precompile answers with: GO, ENDED if they are one too many, or EXHAUSTED. */
export function answerRoom(size: u32): i32 {
  const status = reserveAnswer(size)
  return status === at.MEMORY_LIMIT ? fail(status) : status
}
