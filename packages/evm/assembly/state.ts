/** How do accounts and their slots read and change? What changes is noted in the journal first. */
import { codeOf } from './code.ts'
import { countAccount, countRead, lackAccount, lackRead, NOTE_ADDRESS, NOTE_WORD } from './counts.ts'
import {
  ACCOUNT_BYTES,
  ACCOUNTS,
  BALANCE,
  CODE_HASH,
  CODE_RECORD,
  CREATED,
  CURRENT,
  DESTROYED,
  EXISTS,
  FACT_FLAGS,
  find,
  firstFact,
  HAS_STORAGE,
  IS_FRESH,
  IS_PRECOMPILE,
  IS_SORTED,
  insert,
  isSet,
  KEY,
  KNOWN,
  NEXT,
  NONCE,
  newStorage,
  ORIGINAL,
  OWNER,
  SLOT_ACCOUNT,
  SLOT_BYTES,
  STORAGE,
  setFlag,
  TOUCHED,
  TRANSIENT,
  VALUE_BYTES,
  WARM,
} from './facts.ts'
import { note8, noteWord, raise } from './journal.ts'
import { ACCOUNT_MISSING, ACCOUNT_UNSORTED, CODE_MISSING, GO, MEMORY_LIMIT, SLOT_MISSING } from './layout.ts'
import { add, subtract } from './sums.ts'
import { copyWord, equal, isZero, lessThan, setZero } from './word.ts'

/** keccak256 of nothing, in limbs. */
const EMPTY_HASH: usize = memory.data<u64>([
  0x7bfad8045d85a470, 0xe500b653ca82273b, 0x927e7db2dcc703c0, 0xc5d2460186f7233c,
])

export const COLD_ACCOUNT_GAS: i64 = 2600
export const WARM_GAS: i64 = 100

let hasDestroyed: bool = false

/** The record of an account, known or not; 0 if there is no room. */
export function accountRecord(address: usize): usize {
  const record = find(ACCOUNTS, address)
  return record !== 0 ? record : newAccount(address)
}

function newAccount(address: usize): usize {
  const record = insert(ACCOUNTS, address, ACCOUNT_BYTES)
  if (record === 0) return 0
  const storage = newStorage()
  store<u32>(record, storage, STORAGE)
  store<u32>(record, storage + 1, TRANSIENT)
  copyWord(record + CODE_HASH, EMPTY_HASH)
  return record
}

/** The record of the account if it is known, else 0. */
// @inline
export function knownAccount(address: usize): usize {
  const record = find(ACCOUNTS, address)
  return record !== 0 && isSet(record, KNOWN) ? record : 0
}

/** Says which account is missing. */
export function missAccount(address: usize): i32 {
  copyWord(NOTE_ADDRESS, address)
  const record = find(ACCOUNTS, address)
  return record !== 0 && isSet(record, IS_SORTED) ? lackAccount(ACCOUNT_MISSING) : ACCOUNT_UNSORTED
}

/** What to charge for looking at an account (EIP-2929). */
export function accessGas(address: usize): i64 {
  const record = find(ACCOUNTS, address)
  return record !== 0 && isSet(record, WARM | IS_PRECOMPILE) ? WARM_GAS : COLD_ACCOUNT_GAS
}

/** The host's word on an account; of one that does not exist only the address. */
export function putAccount(address: usize, doesExist: bool, hasStorage: bool): usize {
  const record = accountRecord(address)
  if (record === 0) return 0
  if (!isSet(record, KNOWN)) countAccount()
  setFlag(record, KNOWN | (doesExist ? EXISTS : 0) | (hasStorage ? HAS_STORAGE : 0))
  return record
}

/** Whether the account has neither nonce nor balance nor code (EIP-161). */
export function isDead(account: usize): bool {
  return load<u64>(account, NONCE) === 0 && isZero(account + BALANCE) && !hasCode(account)
}

// @inline
export function hasCode(account: usize): bool {
  return !equal(account + CODE_HASH, EMPTY_HASH)
}

/** Finds the code of an account: GO and its record in CODE_RECORD, 0 for none; or what is missing. */
export function findCode(account: usize): i32 {
  if (load<u32>(account, CODE_RECORD) !== 0 || !hasCode(account)) return GO
  const record = codeOf(account + CODE_HASH)
  if (record === 0) {
    copyWord(NOTE_ADDRESS, account + KEY)
    copyWord(NOTE_WORD, account + CODE_HASH)
    return CODE_MISSING
  }
  store<u32>(account, <u32>record, CODE_RECORD)
  return GO
}

export function setCode(account: usize, hash: usize, record: usize): void {
  noteWord(account + CODE_HASH)
  note8(account + CODE_RECORD)
  copyWord(account + CODE_HASH, hash)
  store<u32>(account, <u32>record, CODE_RECORD)
}

export function raiseNonce(account: usize): void {
  note8(account + NONCE)
  store<u64>(account, load<u64>(account, NONCE) + 1, NONCE)
}

// @inline
export function canPay(account: usize, value: usize): bool {
  return !lessThan(account + BALANCE, value)
}

/** Moves `value`, which `from` can pay. */
export function transfer(from: usize, to: usize, value: usize): void {
  raise(to, TOUCHED)
  if (isZero(value)) return
  raise(from, TOUCHED)
  raise(to, EXISTS)
  noteWord(to + BALANCE)
  add(to + BALANCE, value, to + BALANCE)
  // Last, for `value` may be this very balance.
  noteWord(from + BALANCE)
  subtract(from + BALANCE, value, from + BALANCE)
}

/** Makes a contract of an account that has neither nonce nor code: its storage begins empty. */
export function beginContract(account: usize): void {
  raise(account, EXISTS | CREATED | IS_FRESH | TOUCHED)
  note8(account + NONCE)
  store<u64>(account, 1, NONCE)
  note8(account + CODE_RECORD)
  store<u32>(account, newStorage(), STORAGE)
}

/** SELFDESTRUCT: all that the account has goes to `heir`; it ends itself only if this transaction began it (EIP-6780). */
export function destroy(account: usize, heir: usize): void {
  const isNew = isSet(account, CREATED)
  if (account !== heir) transfer(account, heir, account + BALANCE)
  if (!isNew) return
  noteWord(account + BALANCE)
  setZero(account + BALANCE)
  raise(account, DESTROYED)
  hasDestroyed = true
}

/** Ends accounts that the transaction destroyed. */
export function removeDestroyed(): void {
  if (!hasDestroyed) return
  hasDestroyed = false
  for (let record = firstFact(); record !== 0; record = <usize>load<u32>(record, NEXT)) {
    if (load<u32>(record, OWNER) !== ACCOUNTS || !isSet(record, DESTROYED)) continue
    setZero(record + BALANCE)
    copyWord(record + CODE_HASH, EMPTY_HASH)
    store<u64>(record, 0, NONCE)
    store<u32>(record, 0, CODE_RECORD)
    store<u32>(record, newStorage(), STORAGE)
    store<u32>(record, (load<u32>(record, FACT_FLAGS) & ~(EXISTS | HAS_STORAGE)) | IS_FRESH, FACT_FLAGS)
  }
}

/** The record of a slot, known or not, or 0. */
// @inline
export function slotOf(account: usize, key: usize): usize {
  return find(load<u32>(account, STORAGE), key)
}

/** Adds a slot's record; 0 if there is no room. */
export function newSlot(account: usize, key: usize): usize {
  const slot = insert(load<u32>(account, STORAGE), key, SLOT_BYTES)
  if (slot !== 0) store<u32>(slot, <u32>account, SLOT_ACCOUNT)
  return slot
}

/** Makes a slot known: GO, and `slotOf` finds it; or what is missing. */
export function needSlot(account: usize, key: usize): i32 {
  const slot = slotOf(account, key)
  if (slot !== 0 && isSet(slot, KNOWN)) return GO
  const lack = lackRead(SLOT_MISSING)
  if (lack !== SLOT_MISSING) return lack
  if (isSet(account, IS_FRESH)) {
    const made = slot !== 0 ? slot : newSlot(account, key)
    if (made === 0) return MEMORY_LIMIT
    setFlag(made, KNOWN)
    countRead()
    return GO
  }
  copyWord(NOTE_ADDRESS, account + KEY)
  copyWord(NOTE_WORD, key)
  return SLOT_MISSING
}

/** The host's word on a slot of an account; its value is at `value`. */
export function putSlot(account: usize, key: usize, value: usize): bool {
  const found = slotOf(account, key)
  const slot = found !== 0 ? found : newSlot(account, key)
  if (slot === 0) return false
  if (isSet(slot, KNOWN)) return true
  setFlag(slot, KNOWN)
  countRead()
  copyWord(slot + CURRENT, value)
  copyWord(slot + ORIGINAL, value)
  return true
}

/** Where a transient slot's value is; 0 if nothing was ever stored there. */
// @inline
export function transientOf(account: usize, key: usize): usize {
  return find(load<u32>(account, TRANSIENT), key)
}

/** Sets a transient slot. False if there is no room. */
export function setTransient(account: usize, key: usize, value: usize): bool {
  const found = transientOf(account, key)
  const slot = found !== 0 ? found : insert(load<u32>(account, TRANSIENT), key, VALUE_BYTES)
  if (slot === 0) return false
  noteWord(slot + CURRENT)
  copyWord(slot + CURRENT, value)
  return true
}
