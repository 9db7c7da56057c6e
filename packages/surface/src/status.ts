/**
 * What a worker is doing, for people: written by the worker into its own database, read from there by anybody on the machine.
 * No port, and it can be read of a worker that has stopped.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, type Database, type ObserverFault, openForReading, openValues, type Values } from '@enigma/process'
import { type Address, EnigmaError, type Hex } from '@enigma/protocol'
import type { ProofFigures } from './compute.ts'
import { DATABASE_NAME } from './database.ts'
import { type Journal, openJournal, type TaskState } from './journal.ts'
import type { KeyStatus } from './key-keeper.ts'
import type { SeatEnd, SeatState } from './seat-keeper.ts'
import type { SeatTrouble } from './seat-trouble.ts'
import type { Trouble } from './trouble.ts'

export type TaskSummary = {
  taskId: Hex
  state: TaskState
  reason?: string
  block: string
  epoch: number
  lane: number
  rank?: number
  seat?: number
  /** 0 result, 1 failed, 2 not opened. */
  status?: number
  /** The worker's own time, from seeing the event to sending the settlement. */
  ownMs?: number
}
/** What stands between tasks and Core's belief in them. */
export type Proving = {
  /** What each one's last answer was worth; null: it helped, or was not asked yet. */
  observers: { host: string; fault: ObserverFault | null }[]
  /** Why tasks wait for observers, why they wait for proofs, and why for the network secret. */
  observersTrouble: Trouble | null
  stateTrouble: Trouble | null
  secretTrouble: Trouble | null
  /** Since the start. */
  proofs: ProofFigures
}
export type SurfaceStatus = Proving & {
  pid: number
  startedAtMs: number
  updatedAtMs: number
  /** Whether the process that wrote this still runs. */
  isRunning: boolean
  rpc: 'up' | 'down'
  headBlock: string
  epoch: number
  operator: Address
  balanceGwei: string
  signer: Address | null
  isolation: 'full' | 'partial'
  measurement: Hex
  networkHash: Hex
  /** `ended`: why somebody's recheck ended it. */
  seat: { id: number; activeEpoch: number; exitEpoch: number; ended?: SeatEnd } | null
  seatState: SeatState
  /** What keeps the worker from taking or renewing its seat, and what to do about it. */
  seatTrouble: SeatTrouble | null
  /** Null without a seat. */
  secret: KeyStatus | null
  pendingTransactions: number
  tasks: Record<TaskState, number>
  recentTasks: TaskSummary[]
}
/** What only the running worker knows. */
export type LiveStatus = Omit<
  SurfaceStatus,
  'isRunning' | 'tasks' | 'recentTasks' | 'pendingTransactions' | 'updatedAtMs'
>

const RECENT = 20

export function writeStatus(values: Values, live: LiveStatus, clock: Clock): void {
  values.set('status', { ...live, updatedAtMs: clock.nowMs() })
}

export function statusOf(values: Values, journal: Journal, pendingTransactions: number): SurfaceStatus | undefined {
  const live = values.get<LiveStatus & { updatedAtMs: number }>('status')
  if (!live) return undefined
  const recentTasks = journal.recent(RECENT).map((row) => ({
    taskId: row.id,
    state: row.state,
    ...(row.reason === undefined ? {} : { reason: row.reason }),
    block: String(row.task.createdBlock),
    epoch: row.task.epoch,
    lane: row.task.lane,
    ...row.selected,
    ...(row.result ? { status: row.result.status } : {}),
    ...(row.sentMs === undefined ? {} : { ownMs: row.sentMs - row.seenMs }),
  }))
  return { ...live, isRunning: isAlive(live.pid), pendingTransactions, tasks: journal.counts(), recentTasks }
}

/** The status of the worker of `dataDir`, running or not. */
export function readStatus(dataDir: string): SurfaceStatus {
  const path = join(dataDir, DATABASE_NAME)
  if (!existsSync(path)) throw new NoWorkerError(dataDir)
  const db: Database = openForReading(path)
  try {
    const pending = Number(db.prepare("SELECT count(*) AS found FROM tx WHERE state = 'pending'").get()?.found)
    const status = statusOf(openValues(db), openJournal(db), pending)
    if (!status) throw new NoWorkerError(dataDir)
    return status
  } finally {
    db.close()
  }
}

/** Thrown where no worker has ever run. */
export class NoWorkerError extends EnigmaError {
  override readonly name = 'Status.NoWorkerError'
  readonly code = 'NO_WORKER'
  constructor(dataDir: string) {
    super(`No worker has run in ${dataDir}.`, { hint: 'Give the --data-dir that the worker was started with.' })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
