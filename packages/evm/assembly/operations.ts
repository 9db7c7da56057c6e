/**
 * The opcodes that look beyond their own frame: state, logs, calls, and the ends of a frame.
 *
 * Each finds its operands on the stack that the frame's record names, and changes nothing before all it needs is known.
 */
import { call, copyAddress } from './calls.ts'
import { isTraced, lackRead, NOTE_ADDRESS, NOTE_WORD } from './counts.ts'
import { create, selfDestruct } from './creations.ts'
import { NUMBER_WORD, wordAt } from './environment.ts'
import {
  BALANCE,
  BLOCK_HASHES,
  BYTES,
  BYTES_SIZE,
  CODE_HASH,
  CODE_RECORD,
  CURRENT,
  find,
  isSet,
  ORIGINAL,
  WARM,
} from './facts.ts'
import { addRefund, leave } from './frames.ts'
import { hasEntries, noteWord, raise } from './journal.ts'
import * as at from './layout.ts'
import { addLog, logGas } from './logs.ts'
import { copyPadded, expand, expansionGas, NO_GAS, wordsOf } from './memory.ts'
import * as op from './opcodes.ts'
import {
  accessGas,
  findCode,
  isDead,
  knownAccount,
  missAccount,
  needSlot,
  setTransient,
  slotOf,
  transientOf,
  WARM_GAS,
} from './state.ts'
import { copyWord, equal, fitsU64, isZero, saturated, setU64, setZero } from './word.ts'

const COLD_SLOT_GAS: i64 = 2100
const SET_GAS: i64 = 20000
const RESET_GAS: i64 = 2900
const CLEAR_REFUND: i64 = 4800
/** SSTORE leaves a callee that has only the stipend alone. */
const STIPEND: i64 = 2300
const COPY_WORD_GAS: u64 = 3

const TARGET: usize = memory.data(32)

/** Does what the interpreter leaves to us: GO, why the frame or the run ended, or what the host is asked for. */
export function operate(frame: usize, opcode: u32): i32 {
  if (!hasEntries()) return at.MEMORY_LIMIT
  switch (opcode) {
    case op.STOP:
      return leave(at.RETURNED, 0, 0)
    case op.RETURN:
      return giveBack(frame, at.RETURNED)
    case op.REVERT:
      return giveBack(frame, at.REVERTED)
    case op.SLOAD:
      return loadSlot(frame)
    case op.SSTORE:
      return storeSlot(frame)
    case op.TLOAD:
      return loadTransient(frame)
    case op.TSTORE:
      return storeTransient(frame)
    case op.BALANCE:
    case op.EXTCODESIZE:
    case op.EXTCODEHASH:
      return lookAt(frame, opcode)
    case op.EXTCODECOPY:
      return copyCode(frame)
    case op.BLOCKHASH:
      return blockHash(frame)
    case op.CALL:
    case op.CALLCODE:
    case op.DELEGATECALL:
    case op.STATICCALL:
      return call(frame, opcode)
    case op.CREATE:
    case op.CREATE2:
      return create(frame, opcode)
    case op.SELFDESTRUCT:
      return selfDestruct(frame)
    default:
      return log(frame, opcode - op.LOG0)
  }
}

// @inline
function isStatic(frame: usize): bool {
  return (load<u32>(frame, at.FLAGS) & at.IS_STATIC) !== 0
}

function giveBack(frame: usize, how: i32): i32 {
  const sp = <usize>load<u32>(frame, at.SP)
  const offset = saturated(sp - 32)
  const size = saturated(sp - 64)
  const gas = load<i64>(frame, at.GAS) - expansionGas(frame, offset, size)
  if (gas < 0) return at.OUT_OF_GAS
  const status = expand(frame, offset, size)
  if (status !== at.GO) return status
  store<i64>(frame, gas, at.GAS)
  return leave(how, <usize>load<u32>(frame, at.MEMORY) + (size === 0 ? 0 : <usize>offset), <u32>size)
}

function loadSlot(frame: usize): i32 {
  const key = <usize>load<u32>(frame, at.SP) - 32
  const account = <usize>load<u32>(frame, at.ACCOUNT)
  let slot = slotOf(account, key)
  const gas = load<i64>(frame, at.GAS) - (slot !== 0 && isSet(slot, WARM) ? WARM_GAS : COLD_SLOT_GAS)
  if (gas < 0) return at.OUT_OF_GAS
  const status = needSlot(account, key)
  if (status !== at.GO) return status
  slot = slotOf(account, key)
  store<i64>(frame, gas, at.GAS)
  raise(slot, WARM)
  if (isTraced) noteRead(frame + at.ADDRESS, key)
  copyWord(key, slot + CURRENT)
  return isTraced ? at.SLOT_READ : at.GO
}

function storeSlot(frame: usize): i32 {
  if (isStatic(frame)) return at.STATIC_VIOLATION
  const gas = load<i64>(frame, at.GAS)
  if (gas <= STIPEND) return at.OUT_OF_GAS
  const sp = <usize>load<u32>(frame, at.SP)
  const key = sp - 32
  const value = sp - 64
  const account = <usize>load<u32>(frame, at.ACCOUNT)
  let slot = slotOf(account, key)
  let cost: i64 = slot !== 0 && isSet(slot, WARM) ? 0 : COLD_SLOT_GAS
  if (gas < cost) return at.OUT_OF_GAS
  const status = needSlot(account, key)
  if (status !== at.GO) return status
  slot = slotOf(account, key)
  const isClean = equal(slot + CURRENT, slot + ORIGINAL)
  const isChanged = !equal(slot + CURRENT, value)
  const wasZero = isZero(slot + ORIGINAL)
  if (isChanged && isClean) cost += wasZero ? SET_GAS : RESET_GAS
  else cost += WARM_GAS
  if (gas < cost) return at.OUT_OF_GAS
  if (isChanged) refundFor(slot, value, isClean, wasZero)
  store<i64>(frame, gas - cost, at.GAS)
  store<u32>(frame, <u32>(sp - 64), at.SP)
  raise(slot, WARM)
  noteWord(slot + CURRENT)
  copyWord(slot + CURRENT, value)
  return at.GO
}

/** EIP-3529. */
function refundFor(slot: usize, value: usize, isClean: bool, wasZero: bool): void {
  if (!wasZero) {
    if (isZero(slot + CURRENT)) addRefund(-CLEAR_REFUND)
    else if (isZero(value)) addRefund(CLEAR_REFUND)
  }
  if (!isClean && equal(slot + ORIGINAL, value)) addRefund((wasZero ? SET_GAS : RESET_GAS) - WARM_GAS)
}

function loadTransient(frame: usize): i32 {
  const key = <usize>load<u32>(frame, at.SP) - 32
  const slot = transientOf(<usize>load<u32>(frame, at.ACCOUNT), key)
  if (slot === 0) setZero(key)
  else copyWord(key, slot + CURRENT)
  return at.GO
}

function storeTransient(frame: usize): i32 {
  if (isStatic(frame)) return at.STATIC_VIOLATION
  const sp = <usize>load<u32>(frame, at.SP)
  if (!setTransient(<usize>load<u32>(frame, at.ACCOUNT), sp - 32, sp - 64)) return at.MEMORY_LIMIT
  store<u32>(frame, <u32>(sp - 64), at.SP)
  return at.GO
}

/** BALANCE, EXTCODESIZE and EXTCODEHASH. */
function lookAt(frame: usize, opcode: u32): i32 {
  const top = <usize>load<u32>(frame, at.SP) - 32
  copyAddress(TARGET, top)
  const gas = load<i64>(frame, at.GAS) - accessGas(TARGET)
  if (gas < 0) return at.OUT_OF_GAS
  const account = knownAccount(TARGET)
  if (account === 0) return missAccount(TARGET)
  if (opcode === op.EXTCODESIZE) {
    const status = findCode(account)
    if (status !== at.GO) return status
  }
  store<i64>(frame, gas, at.GAS)
  raise(account, WARM)
  if (opcode === op.BALANCE) {
    copyWord(top, account + BALANCE)
  } else if (opcode === op.EXTCODEHASH) {
    if (isDead(account)) setZero(top)
    else copyWord(top, account + CODE_HASH)
  } else {
    const code = <usize>load<u32>(account, CODE_RECORD)
    setU64(top, code === 0 ? 0 : <u64>load<u32>(code, BYTES_SIZE))
  }
  return seen(TARGET)
}

function copyCode(frame: usize): i32 {
  const sp = <usize>load<u32>(frame, at.SP)
  const to = saturated(sp - 64)
  const size = saturated(sp - 128)
  copyAddress(TARGET, sp - 32)
  const copyGas = size > 0xffffffff ? NO_GAS : <i64>(wordsOf(size) * COPY_WORD_GAS)
  const gas = load<i64>(frame, at.GAS) - expansionGas(frame, to, size) - copyGas - accessGas(TARGET)
  if (gas < 0) return at.OUT_OF_GAS
  const account = knownAccount(TARGET)
  if (account === 0) return missAccount(TARGET)
  let status = findCode(account)
  if (status === at.GO) status = expand(frame, to, size)
  if (status !== at.GO) return status
  store<i64>(frame, gas, at.GAS)
  store<u32>(frame, <u32>(sp - 128), at.SP)
  raise(account, WARM)
  const code = <usize>load<u32>(account, CODE_RECORD)
  const from: usize = code === 0 ? 0 : <usize>load<u32>(code, BYTES)
  const there = code === 0 ? 0 : <u64>load<u32>(code, BYTES_SIZE)
  if (size !== 0) copyPadded(<usize>load<u32>(frame, at.MEMORY) + <usize>to, from, there, saturated(sp - 96), size)
  return seen(TARGET)
}

/** The 256 blocks before ours; what is no such block has the hash zero. */
function blockHash(frame: usize): i32 {
  const top = <usize>load<u32>(frame, at.SP) - 32
  const number = load<u64>(wordAt(NUMBER_WORD))
  const asked = load<u64>(top)
  if (!fitsU64(top) || asked >= number || number - asked > 256) {
    setZero(top)
    return at.GO
  }
  const record = find(BLOCK_HASHES, top)
  if (record === 0) {
    copyWord(NOTE_WORD, top)
    return lackRead(at.BLOCK_HASH_MISSING)
  }
  copyWord(top, record + CURRENT)
  return at.GO
}

function log(frame: usize, topics: u32): i32 {
  if (isStatic(frame)) return at.STATIC_VIOLATION
  const sp = <usize>load<u32>(frame, at.SP)
  const offset = saturated(sp - 32)
  const size = saturated(sp - 64)
  const gas = load<i64>(frame, at.GAS) - expansionGas(frame, offset, size) - logGas(size)
  if (gas < 0) return at.OUT_OF_GAS
  const status = expand(frame, offset, size)
  if (status !== at.GO) return status
  const data = <usize>load<u32>(frame, at.MEMORY) + (size === 0 ? 0 : <usize>offset)
  if (!addLog(frame, sp - 64, topics, data, <u32>size)) return at.MEMORY_LIMIT
  store<i64>(frame, gas, at.GAS)
  store<u32>(frame, <u32>(sp - 64 - ((<usize>topics) << 5)), at.SP)
  return at.GO
}

function noteRead(address: usize, key: usize): void {
  copyWord(NOTE_ADDRESS, address)
  copyWord(NOTE_WORD, key)
}

/** An account was read. */
// @inline
function seen(address: usize): i32 {
  if (!isTraced) return at.GO
  copyWord(NOTE_ADDRESS, address)
  return at.ACCOUNT_READ
}
