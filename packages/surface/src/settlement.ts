/**
 * The transaction that ends a task: its calldata, its name, and how much gas it may use.
 *
 * The gas is computed, not estimated: the block that would be simulated is the one before the window opens. What is not
 * used costs nothing, so the bound may be generous; it must never be too small, because the contract refuses to settle with
 * less than the callback's gas behind the 63/64 rule (EIP-150).
 */
import type { Intent } from '@enigma/process'
import type { Address, Hex } from '@enigma/protocol'
import { calls } from './chain.ts'
import type { TaskRow } from './journal.ts'

/**
 * 21,000 and the settlement itself (53k to 59k measured, docs/protocol/contracts.md), plus 64 draws at 2,500 gas (a cold SLOAD
 * and its hashing) where the lottery is full of dead seats.
 */
const SETTLE_GAS = 260_000n
/** 40 a byte is the calldata floor (EIP-7623), 8 for the log, the rest for memory. */
const GAS_PER_BYTE = 60n

/** Throws if the task has no result or rank yet. */
export function settlementOf(row: TaskRow, enigma: Address): Intent {
  const { result, selected, packed } = row
  if (!result || !selected) throw new TypeError(`task ${row.id} has nothing to settle`)
  const data = calls.settle({ task: packed, rank: selected.rank, ...result })
  return { topic: topicOf(row), to: enigma, data, valueWei: 0n, gas: settlementGas(row.task.callbackGas, data) }
}

export function settlementGas(callbackGas: number, data: Hex): bigint {
  const behindTheRule = (BigInt(callbackGas) * 64n) / 63n + 1n
  return SETTLE_GAS + behindTheRule + GAS_PER_BYTE * BigInt((data.length - 2) / 2)
}

/** One transaction for each attempt on each branch of the chain. */
export function topicOf({ id, anchor, attempt }: Pick<TaskRow, 'id' | 'anchor' | 'attempt'>): string {
  return `settle:${id}:${anchor}:${attempt}`
}

/** Of all attempts so far; a batch is worth nothing without any of its members. */
export function topicsOf(row: Pick<TaskRow, 'id' | 'anchor' | 'attempt' | 'batch'>): string[] {
  const own = Array.from({ length: row.attempt + 1 }, (_, attempt) => topicOf({ ...row, attempt }))
  return row.batch === undefined ? own : [...own, row.batch]
}
