/**
 * Moves every open task one step on, whenever there is something new: select, wait, compute, settle, and see what came of it.
 *
 * What it decides by stands in the journal and the newest block; what it keeps in memory is only which tasks are in hand.
 */
import type { Block, Clock, Intent, Logger, Sender } from '@enigma/process'
import { codeOf, isLagging, isOutage } from '@enigma/process'
import { type Address, EnigmaError, type Hex } from '@enigma/protocol'
import { batchOf, groupsOf, isReady, type ReadyRow, receiptsOf } from './batch.ts'
import { createBatcher } from './batcher.ts'
import type { Computer } from './compute.ts'
import type { CoreHost } from './core-host.ts'
import { createGate } from './gate.ts'
import type { Journal, TaskRow } from './journal.ts'
import type { Lottery } from './lottery.ts'
import { settlementOf, topicOf } from './settlement.ts'
import { closesAt, timingOf } from './window.ts'

export type WorkParts = {
  journal: Journal
  lottery: Lottery
  computer: Computer
  coreHost: CoreHost
  sender: Sender
  /** Throws with the contract's reason where it would refuse this call now. */
  estimate: (data: Hex) => Promise<unknown>
  enigma: Address
  windowBlocks: number
  /** Blocks that observers wait before they sign. */
  depth: number
  /** Undefined before Core has an identity. */
  signer: () => Address | undefined
  tasksAtOnce: number
  /** Tasks that may use more are left to others. */
  maxGasClass: number
  clock: Clock
  log: Logger
}
export type Work = ReturnType<typeof createWork>

/** Settlements that may fail before a task is given up; each one costs gas. */
const MOST_ATTEMPTS = 2
const EVENT_WITHIN_BLOCKS = 64n
/** So close to the end of the windows, a settlement waits for no other. */
const LAST_BLOCKS = 3n
/** What passes: observers that are away or not there yet, a node that cannot prove. The end of the windows ends the wait. */
const WAITED_FOR = new Set(['NO_SECRET', 'HEADER_TOO_YOUNG', 'OBSERVERS_MISSING', 'OTHER_BRANCH', 'PROOF_WINDOW'])
/** Core's refusals, where asking again would change nothing. */
const FINAL_REFUSALS = new Set(['NOT_ADDRESSED', 'BAD_TASK', 'BAD_INPUTS', 'NO_BLOCK_HASH', 'WRONG_RECEIPT'])
/** The watchdog's kill, a crash, garbage on the pipe: whoever was being computed is suspected. */
const CORE_ENDS = new Set(['CORE_KILLED', 'CORE_ENDED', 'CORE_MALFORMED_ANSWER'])
/** Blocks in which one task may fail for any other reason, before it is left to the next rank. */
const MOST_FAILURES = 5

export function createWork(parts: WorkParts) {
  const { journal, lottery, computer, coreHost, sender, enigma, windowBlocks, clock, log } = parts
  const gate = createGate(parts.tasksAtOnce)
  const inHand = new Map<Hex, Promise<void>>()
  /** Tasks that may be ready soon. */
  const computing = new Set<Hex>()
  const batcher = createBatcher({ isComputing: () => computing.size > 0, groupsOf, sendTogether, sendAlone })
  /** By task: at how many heads, and which was the last. A poll that meets the same head again tells nothing new. */
  const failures = new Map<Hex, { count: number; head: Hex }>()
  let head: Block | undefined
  let isStopped = false

  /** One step; returns whether the next one may follow at once. */
  async function step(row: TaskRow, now: Block): Promise<boolean> {
    if (row.state === 'SENT') return watch(row, now)
    if (now.number + 1n >= closesAt(row.task.createdBlock, windowBlocks)) return giveUp(row, 'window-over')
    const signer = parts.signer()
    const ours = signer && (await lottery.rankOf(row.task, signer))
    // A seat that was revoked comes back if a reorganisation takes the revocation away.
    if (!ours) return row.selected ? false : giveUp(row, 'not-selected')
    if (ours.rank !== row.selected?.rank || ours.seat !== row.selected.seat) return select(row, ours)
    if (timingOf(row.task.createdBlock, ours.rank, windowBlocks, now.number) === 'wait') return false
    if (row.state === 'EXECUTED') return settle(row, now)
    return now.number < row.task.createdBlock + BigInt(parts.depth) ? false : compute(row)
  }

  function select(row: TaskRow, ours: { rank: number; seat: number }): boolean {
    // A computation that outlasts the watchdog would take every other task down with Core.
    if (row.task.gasClass > parts.maxGasClass) return giveUp(row, 'gas-class')
    log.info('selected', { taskId: row.id, ...ours, epoch: row.task.epoch, block: row.task.createdBlock })
    return journal.select(row.id, row.anchor, ours)
  }

  async function compute(row: TaskRow): Promise<boolean> {
    computing.add(row.id)
    // A task that brought Core down runs alone from then on, so that no other task is blamed for it.
    const leave = await gate.enter(row.kills > 0)
    try {
      if (isOver(row)) return giveUp(row, 'window-over')
      const core = await available()
      if (!core) return false
      const startMs = clock.nowMs()
      const { status, output, r, vs } = await computer.compute(core, row, () => isOver(row))
      coreHost.noteWell()
      const atMs = clock.nowMs()
      log.info('computed', { taskId: row.id, status: STATUS_NAMES[status], ms: atMs - startMs })
      return journal.executed(row.id, row.anchor, { status, output: toHex(output), r, vs }, atMs)
    } catch (error) {
      return refused(row, codeOf(error), error)
    } finally {
      leave()
    }
  }

  /** By the newest head, which moves on while a task waits for its turn or is computed. */
  const isOver = ({ task, selected }: TaskRow): boolean =>
    head !== undefined && timingOf(task.createdBlock, selected?.rank ?? 0, windowBlocks, head.number) === 'over'

  /** A Core that cannot be started is no task's fault: it waits. */
  async function available() {
    try {
      return await coreHost.core()
    } catch (error) {
      log.error('core-unavailable', { code: codeOf(error) })
      return undefined
    }
  }

  function refused(row: TaskRow, code: string, error: unknown): boolean {
    if (isOutage(error) || WAITED_FOR.has(code) || isStopped) return false
    if (code === 'WINDOW_OVER') return giveUp(row, 'window-over')
    if (FINAL_REFUSALS.has(code)) return giveUp(row, code)
    if (CORE_ENDS.has(code)) {
      journal.killed(row.id)
      log.warn('core-killed', { taskId: row.id, kills: row.kills + 1 })
      // The first time it may have been another one's fault; from then on it ran alone.
      return row.kills > 0 ? giveUp(row, 'poison') : true
    }
    throw error
  }

  async function settle(row: TaskRow, now: Block): Promise<boolean> {
    if (!isReady(row)) throw new TypeError(`task ${row.id} has nothing to settle`)
    isOut(row.id)
    const isUrgent = now.number + LAST_BLOCKS >= closesAt(row.task.createdBlock, windowBlocks)
    await (isUrgent ? sendAlone(row) : batcher.settle(row))
    return false
  }

  /** It is ready, or will not be before it is looked at again. */
  function isOut(id: Hex): void {
    if (computing.delete(id)) batcher.look()
  }

  async function sendAlone(row: ReadyRow): Promise<void> {
    // What waited for a batch that was not sent may have waited too long.
    if (!isOver(row)) await submit([row], settlementOf(row, enigma))
  }

  /** Where anything is wrong with one of them, each goes alone: what is sent alone fails alone. */
  async function sendTogether(rows: readonly ReadyRow[], nextBlock: Promise<void>): Promise<boolean> {
    try {
      const core = await coreHost.core()
      // Core may be busy with a long task.
      const late = nextBlock.then(() => undefined)
      const signature = await Promise.race([core.batch({ receipts: receiptsOf(rows) }), late])
      if (!signature) return false
      const intent = batchOf(rows, signature, enigma)
      // Nodes run it in the newest block, in which the anchor of that block's own tasks is not known.
      if (rows.every(({ task }) => head && task.createdBlock < head.number)) await parts.estimate(intent.data)
      await submit(rows, intent, intent.topic)
      return true
    } catch (error) {
      log.warn('batch-not-sent', { code: codeOf(error), count: rows.length })
      return false
    }
  }

  async function submit(rows: readonly ReadyRow[], intent: Intent, batch?: string): Promise<void> {
    const transaction = await sender.submit(intent, head as Block, () => {
      for (const { id, anchor } of rows) {
        // Thrown inside the database transaction: no transaction is stored for a task that a reorganisation took meanwhile.
        if (!journal.sent(id, anchor, batch)) throw new OvertakenError(id)
      }
    })
    const atMs = clock.nowMs()
    for (const { id, selected, seenMs } of rows) {
      journal.noteSent(id, atMs)
      log.info('sent', { taskId: id, rank: selected.rank, nonce: transaction.nonce, ms: atMs - seenMs })
    }
    if (batch) log.info('batch-sent', { count: rows.length, nonce: transaction.nonce })
  }

  /** The end itself comes as an event; here only what else can become of a transaction. */
  function watch(row: TaskRow, now: Block): boolean {
    const transaction = sender.find(row.batch ?? topicOf(row))
    const timing = timingOf(row.task.createdBlock, row.selected?.rank ?? 0, windowBlocks, now.number)
    if (transaction?.state === 'mined') {
      // Its event is in a block that the follower is about to read; a node that never shows it has lied.
      const isOverdue = now.number > closesAt(row.task.createdBlock, windowBlocks) + EVENT_WITHIN_BLOCKS
      return isOverdue ? giveUp(row, 'no-event') : false
    }
    if (transaction?.state === 'pending') {
      if (timing !== 'over') return false
      giveUp(row, 'window-over')
      // Others in it may still have time.
      if (row.batch === undefined || journal.waitingFor(row.batch) === 0) sender.drop(transaction.topic)
      return false
    }
    // Perhaps a seat before ours was revoked, and a node behind the others said nothing of it yet.
    lottery.forget()
    log.warn('settlement-failed', { taskId: row.id, state: transaction?.state ?? 'unknown', attempt: row.attempt })
    if (timing === 'over' || row.attempt + 1 >= MOST_ATTEMPTS) return giveUp(row, 'settlement-failed')
    return journal.retry(row.id, row.anchor)
  }

  function giveUp(row: TaskRow, reason: string): boolean {
    const given =
      row.state === 'SEEN' ? journal.skip(row.id, row.anchor, reason) : journal.lose(row.id, row.anchor, reason)
    if (given && reason !== 'not-selected') log.warn('given-up', { taskId: row.id, reason })
    return false
  }

  async function advance(id: Hex): Promise<void> {
    for (let row = journal.find(id); row && head && !isStopped; row = journal.find(id)) {
      if (row.state === 'DONE' || row.state === 'LOST' || row.state === 'SKIPPED') return
      try {
        if (!(await step(row, head))) return
      } catch (error) {
        // A backend that lags behind its siblings has not got the block yet; the end of the windows ends the wait.
        if (isOutage(error) || isLagging(error) || error instanceof OvertakenError || isStopped) return
        const last = failures.get(id)
        if (last?.head === head.hash) return
        const count = (last?.count ?? 0) + 1
        failures.set(id, { count, head: head.hash })
        log.error('task-failed', { taskId: id, code: codeOf(error), count })
        if (count >= MOST_FAILURES) giveUp(row, 'failing')
        return
      }
    }
  }

  return {
    /** Looks at every open task that is not in hand already. Cheap when there is nothing to do. */
    kick(newest: Block): void {
      const isNext = head !== undefined && head.hash !== newest.hash
      head = newest
      if (isNext) batcher.blockCame()
      const open = journal.open()
      for (const id of open) {
        if (inHand.has(id)) continue
        inHand.set(
          id,
          advance(id).finally(() => {
            inHand.delete(id)
            isOut(id)
          }),
        )
      }
      for (const id of failures.keys()) if (!open.includes(id)) failures.delete(id)
    },
    /** Whether nothing is being done right now. */
    isIdle: () => inHand.size === 0,
    /** Takes Core down, so that no computation holds up the stop; the journal knows where to go on. */
    async stop(): Promise<void> {
      isStopped = true
      await coreHost.stop()
      computing.clear()
      batcher.look()
      await Promise.all(inHand.values())
    },
  }
}

const STATUS_NAMES = ['result', 'failed', 'not-opened'] as const
const toHex = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString('hex')}`

/** Thrown where a task changed while it was being settled. Its new state decides what comes next. */
export class OvertakenError extends EnigmaError {
  override readonly name = 'Work.OvertakenError'
  readonly code = 'OVERTAKEN'
  constructor(taskId: Hex) {
    super(`Task ${taskId} changed before its settlement was stored.`, { hint: 'Nothing to do; it is looked at again.' })
  }
}
