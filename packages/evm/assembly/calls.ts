/**
 * How does a frame call another account?
 *
 * Nothing is changed before all that the call needs is known: a missing fact ends `step`, and the same opcode comes again.
 */

import { NOTE_ADDRESS, spend } from './counts.ts'
import { findDelegate } from './delegation.ts'
import { OWN_CODE_ONLY_WORD, wordAt } from './environment.ts'
import { ACCOUNTS, CODE_RECORD, find, IS_PRECOMPILE, isSet, KNOWN, WARM } from './facts.ts'
import { enter, isAtDepthLimit, isTooDeep, newFrame } from './frames.ts'
import { checkpoint, raise } from './journal.ts'
import * as at from './layout.ts'
import { clearReturnData, endOf, expand, expansionGas } from './memory.ts'
import { CALL, CALLCODE, DELEGATECALL, STATICCALL } from './opcodes.ts'
import { beginPrecompile } from './precompiles.ts'
import { accessGas, canPay, findCode, isDead, missAccount, transfer, WARM_GAS } from './state.ts'
import { copyWord, equal, isZero, saturated, setZero } from './word.ts'

const VALUE_GAS: i64 = 9000
const NEW_ACCOUNT_GAS: i64 = 25000
const STIPEND: i64 = 2300

const TARGET: usize = memory.data(32)
const DELEGATE: usize = memory.data(32)
const ZERO: usize = memory.data(32)

/** Takes the 20 lowest bytes of a word. */
// @inline
export function copyAddress(to: usize, from: usize): void {
  store<u64>(to, load<u64>(from))
  store<u64>(to, load<u64>(from, 8), 8)
  store<u64>(to, load<u64>(from, 16) & 0xffffffff, 16)
  store<u64>(to, 0, 24)
}

export function call(frame: usize, opcode: u32): i32 {
  const sp = <usize>load<u32>(frame, at.SP)
  const gas = load<i64>(frame, at.GAS)
  const takesValue = opcode === CALL || opcode === CALLCODE
  const value = takesValue ? sp - 96 : ZERO
  const rest = takesValue ? sp - 96 : sp - 64
  const isPaid = takesValue && !isZero(value)
  if (isPaid && opcode === CALL && (load<u32>(frame, at.FLAGS) & at.IS_STATIC) !== 0) return at.STATIC_VIOLATION
  const borrows = opcode === CALLCODE || opcode === DELEGATECALL
  if (borrows && equal(frame + at.ADDRESS, wordAt(OWN_CODE_ONLY_WORD))) return at.BORROWED_CODE
  copyAddress(TARGET, sp - 64)

  const input = saturated(rest - 32)
  const inputSize = saturated(rest - 64)
  const output = saturated(rest - 96)
  const outputSize = saturated(rest - 128)
  let cost = max(expansionGas(frame, input, inputSize), expansionGas(frame, output, outputSize)) + accessGas(TARGET)
  if (isPaid) cost += VALUE_GAS
  if (gas < cost) return at.OUT_OF_GAS

  const account = find(ACCOUNTS, TARGET)
  const isPrecompile = account !== 0 && isSet(account, IS_PRECOMPILE)
  if (account === 0 || (!isSet(account, KNOWN) && (isPaid || !isPrecompile))) return missAccount(TARGET)
  if (isPaid && opcode === CALL && isDead(account)) cost += NEW_ACCOUNT_GAS
  let code: usize = 0
  let delegate: usize = 0
  if (!isPrecompile) {
    const status = findCode(account)
    if (status !== at.GO) return status
    code = <usize>load<u32>(account, CODE_RECORD)
    if (code !== 0 && findDelegate(code, DELEGATE)) {
      // An account that points to itself was looked at just now.
      cost += equal(DELEGATE, TARGET) ? WARM_GAS : accessGas(DELEGATE)
      if (gas < cost) return at.OUT_OF_GAS
      delegate = find(ACCOUNTS, DELEGATE)
      if (delegate === 0 || (!isSet(delegate, KNOWN) && !isSet(delegate, IS_PRECOMPILE))) return missAccount(DELEGATE)
      const found = findCode(delegate)
      if (found !== at.GO) return found
      code = isSet(delegate, IS_PRECOMPILE) ? 0 : <usize>load<u32>(delegate, CODE_RECORD)
    }
  }
  if (gas < cost) return at.OUT_OF_GAS

  // From here on nothing is missing.
  let status = expand(frame, input, inputSize)
  if (status === at.GO) status = expand(frame, output, outputSize)
  if (status !== at.GO) return status
  raise(account, WARM)
  if (delegate !== 0) raise(delegate, WARM)
  const left = gas - cost
  const forwarded = <i64>min(saturated(sp - 32), <u64>(left - (left >> 6)))
  const childGas = isPaid ? forwarded + STIPEND : forwarded
  store<i64>(frame, left - forwarded, at.GAS)
  store<u32>(frame, <u32>(rest - 128), at.SP)
  spend(cost)
  clearReturnData()
  const payer = <usize>load<u32>(frame, at.ACCOUNT)
  if (isTooDeep(frame) || (isPaid && !canPay(payer, value))) return fail(frame, childGas)
  if (isAtDepthLimit(frame)) return at.DEPTH_LIMIT

  const inputAt = <usize>load<u32>(frame, at.MEMORY) + (inputSize === 0 ? 0 : <usize>input)
  const outputAt = outputSize === 0 ? 0 : <u32>output
  if (isPrecompile) {
    const mark = checkpoint()
    if (opcode === CALL && isPaid) transfer(payer, account, value)
    copyWord(NOTE_ADDRESS, TARGET)
    return beginPrecompile(frame, mark, childGas, inputAt, <u32>inputSize, outputAt, <u32>outputSize)
  }
  const child = newFrame(frame, endOf(frame), code, opcode, childGas)
  if (child === 0) return at.EXHAUSTED
  store<u32>(child, <u32>inputAt, at.INPUT)
  store<u32>(child, <u32>inputSize, at.INPUT_SIZE)
  store<u32>(child, outputAt, at.OUTPUT)
  store<u32>(child, <u32>outputSize, at.OUTPUT_SIZE)
  const isStatic = opcode === STATICCALL ? at.IS_STATIC : load<u32>(frame, at.FLAGS) & at.IS_STATIC
  store<u32>(child, isStatic, at.FLAGS)
  store<u32>(child, borrows ? <u32>payer : <u32>account, at.ACCOUNT)
  copyWord(child + at.ADDRESS, borrows ? frame + at.ADDRESS : TARGET)
  copyWord(child + at.CALLER, opcode === DELEGATECALL ? frame + at.CALLER : frame + at.ADDRESS)
  copyWord(child + at.VALUE, opcode === DELEGATECALL ? frame + at.VALUE : value)
  if (!borrows) transfer(payer, account, value)
  return enter(child)
}

/** The call fails without a frame, and its gas comes back. */
function fail(frame: usize, gas: i64): i32 {
  const sp = <usize>load<u32>(frame, at.SP)
  setZero(sp)
  store<u32>(frame, <u32>(sp + 32), at.SP)
  store<i64>(frame, load<i64>(frame, at.GAS) + gas, at.GAS)
  return at.GO
}
