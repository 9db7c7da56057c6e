/**
 * Turns blocks into the journal's rows: what the follower hands over, checked and entered in its database transaction.
 */
import type { Block, Clock, Log, Logger, Sender } from '@enigma/process'
import { type Domain, taskId, unpackTask } from '@enigma/protocol'
import { decodeEvent, type EnigmaEvent } from './chain.ts'
import type { EquivocationWatch } from './equivocation-watch.ts'
import type { FollowerHandler } from './follower.ts'
import type { Journal } from './journal.ts'
import type { Lottery } from './lottery.ts'
import type { SeatKeeper } from './seat-keeper.ts'
import { topicsOf } from './settlement.ts'

type Parts = {
  journal: Journal
  lottery: Pick<Lottery, 'forget'>
  sender: Pick<Sender, 'rollback' | 'drop'>
  keeper: Pick<SeatKeeper, 'observe' | 'rollback'>
  watch: Pick<EquivocationWatch, 'observe' | 'rollback'>
  domain: Domain
  clock: Clock
  log: Logger
}
export type Intake = ReturnType<typeof createIntake>

export function createIntake({ journal, lottery, sender, keeper, watch, domain, clock, log }: Parts) {
  let newest: Block | undefined

  function enter(event: EnigmaEvent, block: Block, seenMs: number): void {
    if (event.name !== 'TaskRequested') {
      follow(event, block.number)
      watch.observe(event, block)
      return
    }
    const task = readTask(event)
    if (task?.createdBlock !== block.number) {
      log.warn('task-malformed', { taskId: event.taskId, block: block.number })
      return
    }
    watch.observe(event, block)
    journal.see({
      id: event.taskId,
      anchor: block.hash,
      block: block.number,
      packed: event.task,
      inputs: event.inputs,
      seenMs,
    })
  }

  /** The event's words, if they give the id that the event states. */
  function readTask({ taskId: stated, task: packed }: Extract<EnigmaEvent, { name: 'TaskRequested' }>) {
    try {
      const task = unpackTask(packed)
      return taskId(domain, task) === stated ? task : undefined
    } catch {
      return undefined
    }
  }

  function follow(event: EnigmaEvent, block: bigint): void {
    if (event.name === 'TaskSettled') journal.ended(event.taskId, event.seat, block)
    else if (event.name === 'TaskCancelled') journal.ended(event.taskId, undefined, block)
    else keeper.observe(event, block)
    // The ranks behind it move up, of pending tasks too.
    if (event.name === 'MeasurementRevoked' || (event.name === 'SeatEnded' && event.revoked)) lottery.forget()
    if (event.name === 'SeatSlashed') lottery.forget()
    if (event.name === 'TaskSettled') {
      const row = journal.find(event.taskId)
      if (row?.state === 'DONE')
        log.info('settled', { taskId: row.id, rank: event.rank, delivered: event.delivered, block })
    }
  }

  const handler: FollowerHandler = {
    apply(block, logs) {
      const seenMs = clock.nowMs()
      for (const entry of logs) {
        const event = decodeEvent(entry)
        if (event) enter(event, block, seenMs)
      }
      newest = block
    },
    applyRange(_toBlock, logs: readonly Log[]) {
      for (const entry of logs) {
        const event = decodeEvent(entry)
        // Tasks that old have no window left; how ours ended still counts.
        if (event && event.name !== 'TaskRequested') follow(event, entry.blockNumber)
      }
    },
    rollback(ancestor) {
      const gone = journal.rollback(ancestor)
      sender.rollback(ancestor)
      // Settlements that can only revert now must not be chased with rising fees.
      for (const row of gone) for (const topic of topicsOf(row)) sender.drop(topic)
      keeper.rollback(ancestor)
      watch.rollback(ancestor)
      lottery.forget()
      log.warn('reorganised', { block: ancestor, depth: newest ? newest.number - ancestor : 0n })
    },
  }

  return {
    handler,
    newest: () => newest,
    /** After a restart: the block that the cursor stands on. Tasks in hand go on at once, and not with the next block. */
    resume(block: Block): void {
      newest ??= block
    },
  }
}
