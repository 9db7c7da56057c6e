/** What the demo answers with `--json`: each task with its place in the lottery, its quote, its gas and its times. */
import type { ProgressEvent } from '@enigma/client'
import { EnigmaError, type Hex } from '@enigma/protocol'
import type { Applied } from './apply.ts'

type TaskReport = {
  taskId: Hex
  epoch: number
  lane: number
  rank: number
  seat: number
  signer: Hex
  quote: { trustRoot: string; tcbStatus: string; measurement: Hex }
  gas: { request: number; settle: number }
  /** From the start of the call; `total` until the result. */
  ms: { verified: number; encrypted: number; requested: number; settled: number; total: number }
}

export type DemoReport = {
  result: { name: string; applicant: Hex; amount: number; rateBps: number }[]
  tasks: TaskReport[]
  workers: number
  ms: { ready: number; demo: number }
}

export function reportOf(applied: readonly Applied[], workers: number, ms: DemoReport['ms']): DemoReport {
  return {
    result: applied.map(({ name, applicant, offer }) => ({
      name,
      applicant,
      amount: Number(offer.amount),
      rateBps: Number(offer.rateBps),
    })),
    tasks: applied.map(taskOf),
    workers,
    ms,
  }
}

function taskOf({ name, workers, events }: Applied): TaskReport {
  const verifying = last(events, 'verifying', name)
  const requested = last(events, 'requested', name)
  const settled = last(events, 'settled', name)
  const worker = workers.findLast(({ seat }) => seat === settled.seat)
  if (!worker) throw new UnheardError(name, `seat ${settled.seat}`)
  const { verdict, trustRoot, signer } = worker
  return {
    taskId: settled.taskId,
    epoch: verifying.epoch,
    lane: verifying.lane,
    rank: settled.rank,
    seat: settled.seat,
    signer,
    quote: { trustRoot, tcbStatus: verdict.tcbStatus, measurement: verdict.measurement },
    gas: { request: Number(requested.gas), settle: Number(settled.gas ?? 0n) },
    ms: {
      verified: Math.round(last(events, 'verified', name).elapsedMs),
      encrypted: Math.round(last(events, 'encrypted', name).elapsedMs),
      requested: Math.round(requested.elapsedMs),
      settled: Math.round(settled.elapsedMs),
      total: Math.round(events.at(-1)?.elapsedMs ?? 0),
    },
  }
}

/** The last event of this type: an attempt that had to be repeated counts no more. */
function last<T extends ProgressEvent['type']>(events: readonly ProgressEvent[], type: T, name: string) {
  const found = events.findLast((event) => event.type === type)
  if (!found) throw new UnheardError(name, type)
  return found as Extract<ProgressEvent, { type: T }>
}

/** Thrown when a call ended well without having told what it did. */
export class UnheardError extends EnigmaError {
  override readonly name = 'Demo.UnheardError'
  readonly code = 'UNHEARD'
  constructor(name: string, what: string) {
    super(`${name}'s application ended, but nothing was heard of ${what}.`)
  }
}
