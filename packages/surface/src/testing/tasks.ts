/**
 * Tasks for tests that need no chain.
 */

import { type Address, type Domain, type Hex, type PackedTask, packTask, type Task, taskId } from '@enigma/protocol'
import type { TaskRow } from '../journal.ts'

export const DOMAIN: Domain = { chainId: 31_337n, enigma: `0x${'ee'.repeat(20)}` }
export const hashOf = (byte: number): Hex => `0x${byte.toString(16).padStart(2, '0').repeat(32)}`
export const addressOf = (byte: number): Address => `0x${byte.toString(16).padStart(2, '0').repeat(20)}`

/** The journal's row of a sample task. */
export function sampleRow(slot: number, change: Partial<TaskRow> = {}): TaskRow {
  return {
    ...sampleTask(slot),
    anchor: hashOf(2),
    inputs: '0x0102',
    state: 'SEEN',
    reason: undefined,
    selected: undefined,
    result: undefined,
    attempt: 0,
    batch: undefined,
    kills: 0,
    seenMs: 0,
    executedMs: undefined,
    sentMs: undefined,
    ...change,
  }
}

export type SampleTask = { id: Hex; task: Task; packed: PackedTask }

/** A task that differs from all others by its slot. */
export function sampleTask(slot: number, change: Partial<Task> = {}): SampleTask {
  const task: Task = {
    requester: addressOf(1),
    slot,
    seq: 0n,
    dApp: addressOf(2),
    callable: '0x11223344',
    callbackGas: 100_000,
    outputCap: 64,
    gasClass: 4,
    feeGwei: 1_000_000n,
    restGwei: 0n,
    createdBlock: 100n,
    epoch: 3,
    lane: 0,
    codeHash: hashOf(8),
    inputsHash: hashOf(9),
    ...change,
  }
  return { id: taskId(DOMAIN, task), task, packed: packTask(task) }
}
