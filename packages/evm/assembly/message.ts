/** How does a message begin its frame? As a call does, but nothing is charged, for its transaction has paid. */
import { NOTE_ADDRESS } from './counts.ts'
import { isTaken } from './creations.ts'
import { findDelegate } from './delegation.ts'
import { CALLER_WORD, TO_WORD, VALUE_WORD, wordAt } from './environment.ts'
import { ACCOUNTS, CODE_RECORD, find, IS_PRECOMPILE, isSet, KNOWN, nextTransaction, setFlag, WARM } from './facts.ts'
import { endWithoutFrame, enter, firstFrame, newCreation, newFrame, resetFrames } from './frames.ts'
import { arena } from './heap.ts'
import { checkpoint } from './journal.ts'
import * as at from './layout.ts'
import { CALL, CREATE } from './opcodes.ts'
import { beginPrecompile } from './precompiles.ts'
import { accountRecord, beginContract, canPay, findCode, knownAccount, missAccount, transfer } from './state.ts'
import { copyWord, isZero } from './word.ts'

const DELEGATE: usize = memory.data(32)

let isPending: bool = false
let isCreation: bool = false
let isStatic: bool = false
let size: u32 = 0
let gas: i64 = 0

/** The message's words are in the environment, its `bytes` of data at the arena. It begins with the next step. */
export function start(creates: bool, staticCall: bool, bytes: u32, messageGas: i64): void {
  resetFrames()
  nextTransaction()
  isPending = true
  isCreation = creates
  isStatic = staticCall
  size = bytes
  gas = messageGas
}

// @inline
export function isWaiting(): bool {
  return isPending
}

export function cancel(): void {
  isPending = false
}

/** Makes the first frame: GO or ENTERED, what is missing, or ENDED where none is needed. */
export function begin(): i32 {
  const to = wordAt(TO_WORD)
  const value = wordAt(VALUE_WORD)
  const account = find(ACCOUNTS, to)
  const isPrecompile = account !== 0 && isSet(account, IS_PRECOMPILE)
  const isPaid = !isZero(value)
  if (account === 0 || (!isSet(account, KNOWN) && (isPaid || !isPrecompile))) return missAccount(to)
  let payer = account
  if (isPaid) {
    payer = knownAccount(wordAt(CALLER_WORD))
    if (payer === 0) return missAccount(wordAt(CALLER_WORD))
    if (!canPay(payer, value)) return unpaid()
  }
  let code: usize = 0
  if (!isCreation && !isPrecompile) {
    const status = findCode(account)
    if (status !== at.GO) return status
    code = <usize>load<u32>(account, CODE_RECORD)
    if (code !== 0 && findDelegate(code, DELEGATE)) {
      const delegate = find(ACCOUNTS, DELEGATE)
      if (delegate === 0 || (!isSet(delegate, KNOWN) && !isSet(delegate, IS_PRECOMPILE))) return missAccount(DELEGATE)
      const found = findCode(delegate)
      if (found !== at.GO) return found
      setFlag(delegate, WARM)
      code = isSet(delegate, IS_PRECOMPILE) ? 0 : <usize>load<u32>(delegate, CODE_RECORD)
    }
  }
  isPending = false
  if (isCreation) return beginCreation(account, payer)
  if (isPrecompile) {
    const mark = checkpoint()
    if (isPaid) transfer(payer, account, value)
    copyWord(NOTE_ADDRESS, to)
    return beginPrecompile(0, mark, gas, arena(), size, 0, 0)
  }
  const frame = newFrame(0, firstFrame(size), code, CALL, gas)
  if (frame === 0) return at.EXHAUSTED
  store<u32>(frame, <u32>arena(), at.INPUT)
  store<u32>(frame, size, at.INPUT_SIZE)
  return enterFirst(frame, account, payer)
}

function beginCreation(account: usize, payer: usize): i32 {
  if (isTaken(account)) return endWithoutFrame(at.CREATE_COLLISION, 0, 0, 0)
  const frame = newCreation(0, firstFrame(size), arena(), size, CREATE, gas)
  if (frame === 0) return at.EXHAUSTED
  beginContract(account)
  return enterFirst(frame, account, payer)
}

function enterFirst(frame: usize, account: usize, payer: usize): i32 {
  store<u32>(frame, <u32>account, at.ACCOUNT)
  copyWord(frame + at.ADDRESS, wordAt(TO_WORD))
  copyWord(frame + at.CALLER, wordAt(CALLER_WORD))
  copyWord(frame + at.VALUE, wordAt(VALUE_WORD))
  if (isStatic) store<u32>(frame, load<u32>(frame, at.FLAGS) | at.IS_STATIC, at.FLAGS)
  transfer(payer, account, wordAt(VALUE_WORD))
  return enter(frame)
}

function unpaid(): i32 {
  isPending = false
  return endWithoutFrame(at.REVERTED, gas, 0, 0)
}

/** Counts an address as looked at by the transaction before its message begins. */
export function warmAccount(address: usize): bool {
  const account = accountRecord(address)
  if (account === 0) return false
  setFlag(account, WARM)
  return true
}
