/** What the demo answers with `--json`: who is the richest, what was stored, and the task with its place in the lottery, its quote, its gas and its times. */
import type { ProgressEvent } from '@enigma/client'
import { EnigmaError, type Hex } from '@enigma/protocol'
import type { Compared } from './club.ts'
import type { Told } from './story.ts'

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
  /** The lead is on chain for the richest alone; the demo, which holds everyone's key, opened it. */
  result: { richest: string; member: Hex; counted: number; lead: string }
  stored: { name: string; member: Hex; bytes: number; gas: number; ms: number }[]
  tasks: TaskReport[]
  workers: number
  ms: { ready: number; stored: number; demo: number }
}

export function reportOf({ stored, compared, lead }: Told, workers: number, ms: DemoReport['ms']): DemoReport {
  const { richest: member, counted } = compared
  const richest = stored.find(({ person }) => person.address === member)?.person.name ?? 'nobody'
  return {
    result: { richest, member, counted, lead },
    stored: stored.map(({ person: { name, address }, bytes, gas, ms }) => ({
      name,
      member: address,
      bytes,
      gas: Number(gas),
      ms,
    })),
    tasks: [taskOf(compared)],
    workers,
    ms,
  }
}

function taskOf({ workers, events }: Compared): TaskReport {
  const verifying = last(events, 'verifying')
  const requested = last(events, 'requested')
  const settled = last(events, 'settled')
  const worker = workers.findLast(({ seat }) => seat === settled.seat)
  if (!worker) throw new UnheardError(`seat ${settled.seat}`)
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
      verified: Math.round(last(events, 'verified').elapsedMs),
      encrypted: Math.round(last(events, 'encrypted').elapsedMs),
      requested: Math.round(requested.elapsedMs),
      settled: Math.round(settled.elapsedMs),
      total: Math.round(events.at(-1)?.elapsedMs ?? 0),
    },
  }
}

/** The last event of this type: an attempt that had to be repeated counts no more. */
function last<T extends ProgressEvent['type']>(events: readonly ProgressEvent[], type: T) {
  const found = events.findLast((event) => event.type === type)
  if (!found) throw new UnheardError(type)
  return found as Extract<ProgressEvent, { type: T }>
}

/** Thrown when a call ended well without having told what it did. */
export class UnheardError extends EnigmaError {
  override readonly name = 'Demo.UnheardError'
  readonly code = 'UNHEARD'
  constructor(what: string) {
    super(`The task ended, but nothing was heard of ${what}.`)
  }
}
