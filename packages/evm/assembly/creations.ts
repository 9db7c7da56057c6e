/** How does a frame make a contract, and how does one end itself? */
import { copyAddress } from './calls.ts'
import { spend } from './counts.ts'
import { BALANCE, HAS_STORAGE, isSet, NONCE, WARM } from './facts.ts'
import { enter, isAtDepthLimit, isTooDeep, leave, newCreation } from './frames.ts'
import { raise } from './journal.ts'
import { keccak256 } from './keccak.ts'
import * as at from './layout.ts'
import { clearReturnData, endOf, expand, expansionGas, wordsOf } from './memory.ts'
import { CREATE2 } from './opcodes.ts'
import {
  accessGas,
  beginContract,
  COLD_ACCOUNT_GAS,
  canPay,
  destroy,
  hasCode,
  isDead,
  knownAccount,
  missAccount,
  raiseNonce,
  transfer,
} from './state.ts'
import { copyWord, isZero, saturated, setZero, storeBigEndian } from './word.ts'

const MOST_INIT_CODE: u64 = 0xc000
const INIT_WORD_GAS: u64 = 2
const HASH_WORD_GAS: u64 = 6
const NEW_ACCOUNT_GAS: i64 = 25000

const TARGET: usize = memory.data(32)
/** What is hashed to an address: at most a mark, an address and two words. An address is written as a word that ends there. */
const PREIMAGE: usize = memory.data(16 + 96) + 16

export function create(frame: usize, opcode: u32): i32 {
  if ((load<u32>(frame, at.FLAGS) & at.IS_STATIC) !== 0) return at.STATIC_VIOLATION
  const sp = <usize>load<u32>(frame, at.SP)
  const value = sp - 32
  const offset = saturated(sp - 64)
  const size = saturated(sp - 96)
  if (size > MOST_INIT_CODE) return at.OUT_OF_GAS
  const wordGas = opcode === CREATE2 ? INIT_WORD_GAS + HASH_WORD_GAS : INIT_WORD_GAS
  const codeGas = <i64>(wordsOf(size) * wordGas)
  const left = load<i64>(frame, at.GAS) - expansionGas(frame, offset, size)
  if (left < codeGas) return at.OUT_OF_GAS
  // Memory is paid and had at once: when a missing account makes the opcode come again, it is there and free.
  const status = expand(frame, offset, size)
  if (status !== at.GO) return status
  store<i64>(frame, left, at.GAS)

  const init = <usize>load<u32>(frame, at.MEMORY) + (size === 0 ? 0 : <usize>offset)
  const top = opcode === CREATE2 ? sp - 128 : sp - 96
  const self = <usize>load<u32>(frame, at.ACCOUNT)
  const nonce = load<u64>(self, NONCE)
  if (isTooDeep(frame) || !canPay(self, value) || nonce === u64.MAX_VALUE) {
    clearReturnData()
    return answer(frame, top, left - codeGas)
  }
  if (isAtDepthLimit(frame)) return at.DEPTH_LIMIT
  if (opcode === CREATE2) addressBySalt(frame, sp - 128, init, <u32>size)
  else addressByNonce(frame, nonce)
  const account = knownAccount(TARGET)
  if (account === 0) return missAccount(TARGET)

  // From here on nothing is missing.
  const paid = left - codeGas
  const kept = paid >> 6
  clearReturnData()
  spend(codeGas + <i64>size)
  raiseNonce(self)
  raise(account, WARM)
  if (isTaken(account)) return answer(frame, top, kept)
  const child = newCreation(frame, endOf(frame), init, <u32>size, opcode, paid - kept)
  if (child === 0) return at.EXHAUSTED
  store<i64>(frame, kept, at.GAS)
  store<u32>(frame, <u32>top, at.SP)
  store<u32>(child, <u32>account, at.ACCOUNT)
  copyWord(child + at.ADDRESS, TARGET)
  copyWord(child + at.CALLER, frame + at.ADDRESS)
  copyWord(child + at.VALUE, value)
  beginContract(account)
  transfer(self, account, value)
  return enter(child)
}

/** Whether no contract can begin there (EIP-684, EIP-7610). */
export function isTaken(account: usize): bool {
  return load<u64>(account, NONCE) !== 0 || hasCode(account) || isSet(account, HAS_STORAGE)
}

/** No contract. */
function answer(frame: usize, top: usize, gas: i64): i32 {
  setZero(top)
  store<u32>(frame, <u32>(top + 32), at.SP)
  store<i64>(frame, gas, at.GAS)
  return at.GO
}

/** keccak256(rlp([creator, nonce])). */
function addressByNonce(frame: usize, nonce: u64): void {
  storeBigEndian(PREIMAGE + 2 - 12, frame + at.ADDRESS)
  let size: i32 = 0
  if (nonce < 0x80) {
    store<u8>(PREIMAGE, nonce === 0 ? 0x80 : <u8>nonce, 22)
  } else {
    size = (71 - <i32>clz(nonce)) >> 3
    store<u8>(PREIMAGE, <u8>(0x80 + size), 22)
    store<u64>(PREIMAGE, bswap<u64>(nonce << ((<u64>(8 - size)) << 3)), 23)
  }
  store<u8>(PREIMAGE, <u8>(0xd6 + size))
  store<u8>(PREIMAGE, 0x94, 1)
  keccak256(PREIMAGE, 23 + size, TARGET)
  copyAddress(TARGET, TARGET)
}

/** keccak256(0xff ‖ creator ‖ salt ‖ keccak256(init code)). */
function addressBySalt(frame: usize, salt: usize, init: usize, size: u32): void {
  keccak256(init, <i32>size, TARGET)
  storeBigEndian(PREIMAGE + 53, TARGET)
  storeBigEndian(PREIMAGE + 1 - 12, frame + at.ADDRESS)
  store<u8>(PREIMAGE, 0xff)
  storeBigEndian(PREIMAGE + 21, salt)
  keccak256(PREIMAGE, 85, TARGET)
  copyAddress(TARGET, TARGET)
}

export function selfDestruct(frame: usize): i32 {
  if ((load<u32>(frame, at.FLAGS) & at.IS_STATIC) !== 0) return at.STATIC_VIOLATION
  const gas = load<i64>(frame, at.GAS)
  copyAddress(TARGET, <usize>load<u32>(frame, at.SP) - 32)
  let cost: i64 = accessGas(TARGET) === COLD_ACCOUNT_GAS ? COLD_ACCOUNT_GAS : 0
  if (gas < cost) return at.OUT_OF_GAS
  const heir = knownAccount(TARGET)
  if (heir === 0) return missAccount(TARGET)
  const self = <usize>load<u32>(frame, at.ACCOUNT)
  if (!isZero(self + BALANCE) && isDead(heir)) cost += NEW_ACCOUNT_GAS
  if (gas < cost) return at.OUT_OF_GAS
  store<i64>(frame, gas - cost, at.GAS)
  raise(heir, WARM)
  destroy(self, heir)
  return leave(at.RETURNED, 0, 0)
}
