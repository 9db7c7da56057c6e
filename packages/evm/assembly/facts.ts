/**
 * What is known of the world?
 *
 * One table of records, found by an owner and a word: accounts by address, codes by hash, block hashes by number, slots and
 * transient slots by their account's number. Records never move. A record is stamped with the transaction that last looked
 * at it: what holds for one transaction alone (warmth, the original value) is begun anew when the stamp is old.
 */
import { allocate } from './heap.ts'
import { copyWord, equal } from './word.ts'

export const NEXT: usize = 0
export const OWNER: usize = 4
export const FACT_FLAGS: usize = 8
const STAMP: usize = 12
export const KEY: usize = 16

// An account.
export const BALANCE: usize = 48
export const CODE_HASH: usize = 80
export const NONCE: usize = 112
/** The record of its code, or 0: not looked up yet. */
export const CODE_RECORD: usize = 120
/** The owner of its slots: a new one when its storage is begun anew. */
export const STORAGE: usize = 124
/** The owner of its transient slots. */
export const TRANSIENT: usize = 128
export const ACCOUNT_BYTES: usize = 132

// A slot; a transient slot and a block hash have the value alone.
export const CURRENT: usize = 48
export const ORIGINAL: usize = 80
/** The record of its account. */
export const SLOT_ACCOUNT: usize = 112
export const SLOT_BYTES: usize = 116
export const VALUE_BYTES: usize = 80

// A code.
export const BYTES: usize = 48
export const BYTES_SIZE: usize = 52
export const BYTES_JUMPS: usize = 56
export const CODE_BYTES: usize = 60

// Owners; those of slots are even, those of transient slots odd.
export const ACCOUNTS: u32 = 0
export const CODES: u32 = 1
export const BLOCK_HASHES: u32 = 2
const FIRST_STORAGE: u32 = 16

// Flags of a record. Those that follow OF_TRANSACTION hold for one transaction.
export const KNOWN: u32 = 1
export const EXISTS: u32 = 2
export const IS_PRECOMPILE: u32 = 4
export const HAS_STORAGE: u32 = 8
/** All of the account's storage is here: what is not is zero. */
export const IS_FRESH: u32 = 16
/** To be removed at the end of its transaction if it is empty then (EIP-161). */
export const TOUCHED: u32 = 32
/** The host has said whether it is a precompile. */
export const IS_SORTED: u32 = 64
const OF_TRANSACTION: u32 = 0xff00
export const WARM: u32 = 0x0100
export const CREATED: u32 = 0x0200
export const DESTROYED: u32 = 0x0400

const FIRST_SLOTS: u32 = 1024

let index: usize = 0
let capacity: u32 = 0
let count: u32 = 0
let first: usize = 0
let storages: u32 = 0
/** The number of the transaction. */
let stamp: u32 = 0

export function openFacts(): bool {
  index = allocate((<usize>FIRST_SLOTS) << 2)
  if (index === 0) return false
  capacity = FIRST_SLOTS
  count = 0
  first = 0
  storages = FIRST_STORAGE
  stamp = 1
  memory.fill(index, 0, (<usize>capacity) << 2)
  return true
}

export function nextTransaction(): void {
  stamp++
}

/** An owner for slots; the number after it is for transient slots. */
export function newStorage(): u32 {
  storages += 2
  return storages
}

export function firstFact(): usize {
  return first
}

/** The record, with what held for an earlier transaction cleared; 0 if there is none. */
export function find(owner: u32, key: usize): usize {
  let at = hash(owner, key)
  let record = recordAt(at)
  while (record !== 0 && !(load<u32>(record, OWNER) === owner && equal(record + KEY, key))) record = recordAt(++at)
  if (record !== 0 && load<u32>(record, STAMP) !== stamp) renew(record)
  return record
}

// @inline
function recordAt(at: u32): usize {
  return <usize>load<u32>(index + ((<usize>(at & (capacity - 1))) << 2))
}

/** Adds a record that is not there yet, all zero; 0 if there is no room. */
export function insert(owner: u32, key: usize, bytes: usize): usize {
  if (count << 1 >= capacity && !widen()) return 0
  const record = allocate(bytes)
  if (record === 0) return 0
  memory.fill(record, 0, bytes)
  store<u32>(record, <u32>first, NEXT)
  store<u32>(record, owner, OWNER)
  store<u32>(record, stamp, STAMP)
  copyWord(record + KEY, key)
  first = record
  enlist(record)
  count++
  return record
}

// @inline
export function isSet(record: usize, flag: u32): bool {
  return (load<u32>(record, FACT_FLAGS) & flag) !== 0
}

// @inline
export function setFlag(record: usize, flag: u32): void {
  store<u32>(record, load<u32>(record, FACT_FLAGS) | flag, FACT_FLAGS)
}

function renew(record: usize): void {
  store<u32>(record, stamp, STAMP)
  store<u32>(record, load<u32>(record, FACT_FLAGS) & ~OF_TRANSACTION, FACT_FLAGS)
  const owner = load<u32>(record, OWNER)
  if (owner < FIRST_STORAGE) return
  if ((owner & 1) === 0) copyWord(record + ORIGINAL, record + CURRENT)
  else memory.fill(record + CURRENT, 0, 32)
}

function enlist(record: usize): void {
  let at = hash(load<u32>(record, OWNER), record + KEY)
  while (load<u32>(index + ((<usize>(at & (capacity - 1))) << 2)) !== 0) at++
  store<u32>(index + ((<usize>(at & (capacity - 1))) << 2), <u32>record)
}

function widen(): bool {
  const wider = allocate((<usize>capacity) << 3)
  if (wider === 0) return false
  index = wider
  capacity <<= 1
  memory.fill(index, 0, (<usize>capacity) << 2)
  for (let record = first; record !== 0; record = <usize>load<u32>(record, NEXT)) enlist(record)
  return true
}

/** Spreads keys of every shape; who wants collisions can have them, within the counted reads. */
// @inline
function hash(owner: u32, key: usize): u32 {
  let mixed = (load<u64>(key) ^ (<u64>owner * 0x9e3779b97f4a7c15)) * 0xff51afd7ed558ccd
  mixed = (mixed ^ (mixed >> 32) ^ load<u64>(key, 8)) * 0xc4ceb9fe1a85ec53
  mixed = (mixed ^ (mixed >> 29) ^ load<u64>(key, 16)) * 0x9e3779b97f4a7c15
  mixed = (mixed ^ (mixed >> 32) ^ load<u64>(key, 24)) * 0xff51afd7ed558ccd
  return <u32>(mixed >> 32)
}
