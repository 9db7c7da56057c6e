/**
 * What has the run used of what is counted, and what does it tell the host about?
 *
 * Counts never depend on what the host has brought ahead: a fact is counted when the code touches it.
 */
import { ACCOUNTS_LIMIT, READS_LIMIT } from './layout.ts'

export let memoryWords: u64 = 0
export let depthLimit: u32 = 0
let reads: u32 = 0
let readsLimit: u32 = 0
let accounts: u32 = 0
let accountsLimit: u32 = 0

/** Gas that the run may spend until it gives the host its turn. */
let untilTurn: i64 = 0

/** The account and the word that the host is told about: what is missing, what was read, whom a call is for. */
export const NOTE_ADDRESS: usize = memory.data(32)
export const NOTE_WORD: usize = memory.data(32)

export function setLimits(words: u64, depth: u32, mostReads: u32, mostAccounts: u32): void {
  memoryWords = words
  depthLimit = depth
  readsLimit = mostReads
  accountsLimit = mostAccounts
  reads = 0
  accounts = 0
}

/** What it means for a slot or block hash not to be known: `missing`, or that there are too many. */
// @inline
export function lackRead(missing: i32): i32 {
  return reads >= readsLimit ? READS_LIMIT : missing
}

// @inline
export function lackAccount(missing: i32): i32 {
  return accounts >= accountsLimit ? ACCOUNTS_LIMIT : missing
}

export function countRead(): void {
  reads++
}

export function countAccount(): void {
  accounts++
}

export function setTurn(gas: i64): void {
  untilTurn = gas
}

export function turn(): i64 {
  return untilTurn
}

export function spend(gas: i64): void {
  untilTurn -= gas
}

export let isTraced: bool = false

export function setTraced(traced: bool): void {
  isTraced = traced
}
