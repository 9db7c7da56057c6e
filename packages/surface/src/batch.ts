/**
 * Which settlements fit into one transaction, and the bytes of it.
 *
 * Its gas is computed like that of a single one (settlement.ts), with the whole callback of each member in it. Members of one
 * draw stand together, so that the contract makes it once.
 */
import type { Intent } from '@enigma/process'
import {
  type Address,
  bytesToHex,
  concatBytes,
  type Hex,
  hexToBytes,
  keccak256,
  MAX_BATCH_MEMBERS,
  packMember,
  receiptHash,
  STATUS,
  type Status,
  utf8,
} from '@enigma/protocol'
import { calls } from './chain.ts'
import type { TaskResult, TaskRow } from './journal.ts'
import { topicOf } from './settlement.ts'

/** Result and rank are there: what is ready to be settled. */
export type ReadyRow = TaskRow & { result: TaskResult; selected: { rank: number; seat: number } }

/** A transaction's cap (EIP-7825), less what a client of another opinion might add. */
const MOST_GAS = 2n ** 24n - 200_000n
/** Nodes take transactions of up to 128 KB. */
const MOST_BYTES = 100_000
/** 21,000, the signature, the seat's word. */
const BATCH_GAS = 60_000n
/** 64 draws at 2,500 gas, where the lottery is full of dead seats. */
const GAS_PER_DRAW = 165_000n
/** 16,000 measured with a callback that does nothing; its call to a cold account is 5,200 more. */
const GAS_PER_MEMBER = 40_000n
const GAS_PER_BYTE = 60n

export function isReady(row: TaskRow): row is ReadyRow {
  return row.result !== undefined && row.selected !== undefined
}

/**
 * A failure for which the inputs were not even opened may be that of an account whose code is a pointer (EIP-7702): its owner can
 * change it at any time, and the batch that reads its hash from the chain would revert. A settlement that failed is not
 * risked for others again.
 */
export function mayBatch({ result, attempt }: ReadyRow): boolean {
  const isUnopened = result.status === STATUS.failed && result.output === '0x'
  return attempt === 0 && !isUnopened
}

/** In groups that may each be one transaction: of one seat, within gas and bytes. Some may be of one row only. */
export function groupsOf(rows: readonly ReadyRow[]): ReadyRow[][] {
  const groups: ReadyRow[][] = []
  for (const row of rows.toSorted(byDraw)) {
    const last = groups.at(-1)
    if (last && mayBatch(row) && last.every(mayBatch) && fits([...last, row])) last.push(row)
    else groups.push([row])
  }
  return groups
}

function fits(rows: readonly ReadyRow[]): boolean {
  if (rows.length > MAX_BATCH_MEMBERS || new Set(rows.map(({ selected }) => selected.seat)).size > 1) return false
  return bytesOf(rows) <= MOST_BYTES && batchGas(rows) <= MOST_GAS
}

export function batchGas(rows: readonly ReadyRow[]): bigint {
  const draws = new Set(rows.map(drawOf)).size
  const callbacks = rows.map(({ task }) => (BigInt(task.callbackGas) * 64n) / 63n + 1n)
  const own = BATCH_GAS + BigInt(draws) * GAS_PER_DRAW + BigInt(rows.length) * GAS_PER_MEMBER
  return own + callbacks.reduce((sum, gas) => sum + gas, 0n) + GAS_PER_BYTE * BigInt(bytesOf(rows))
}

const bytesOf = (rows: readonly ReadyRow[]) => rows.reduce((sum, { result }) => sum + 132 + result.output.length / 2, 0)

/** What Core signs of each, in order. */
export function receiptsOf(rows: readonly ReadyRow[]): Hex[] {
  return rows.map(({ id, anchor, task: { codeHash, inputsHash }, result: { status, output } }) =>
    receiptHash({
      taskId: id,
      anchor,
      codeHash,
      inputsHash,
      outputHash: keccak256(hexToBytes(output)),
      status: status as Status,
    }),
  )
}

export function batchOf(rows: readonly ReadyRow[], signature: { r: Hex; vs: Hex }, enigma: Address): Intent {
  const [first] = rows
  if (!first) throw new TypeError('a batch has members')
  const members = rows.map(({ packed, selected: { rank }, result: { status, output } }) =>
    packMember({ packed, rank, status, output }),
  )
  const { seat } = first.selected
  const data = calls.settleBatch(seat, rows.length, bytesToHex(concatBytes(...members)), signature)
  return { topic: batchTopicOf(rows), to: enigma, data, valueWei: 0n, gas: batchGas(rows) }
}

/** One transaction for each attempt at the same members on the same branch. */
export function batchTopicOf(rows: readonly ReadyRow[]): string {
  return `batch:${keccak256(utf8(rows.map(topicOf).join(',')))}`
}

function drawOf({ task: { dApp, epoch, lane }, selected: { rank } }: ReadyRow): string {
  return [dApp, epoch, lane, rank].join()
}

function byDraw(a: ReadyRow, b: ReadyRow): number {
  return a.selected.seat - b.selected.seat || compare(drawOf(a), drawOf(b)) || compare(a.id, b.id)
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
