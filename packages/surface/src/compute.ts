/**
 * Drives Core through one task: shows it what makes it believe the task, then what it asks for, until it signs.
 *
 * Core believes nothing that is not proven against a header that observers signed. So a node that lies, or lags, costs a
 * refusal: the task waits, and the node is asked again.
 */
import type { SignedReceipt } from '@enigma/core/calls'
import { type Clock, codeOf, type Logger, RpcError } from '@enigma/process'
import { type Address, EnigmaError, type Hex, hexToBytes, slotKey } from '@enigma/protocol'
import type { WorkerCore } from './core-host.ts'
import { createExpectations } from './expectations.ts'
import { createHoldOff } from './hold-off.ts'
import { anchorOf, type TaskRow } from './journal.ts'
import { keyWordsFor } from './key-words.ts'
import type { Observations } from './observed.ts'
import { createProofQueue, type ProofQueue } from './proof-queue.ts'
import { ProofWindowError, type StateSource } from './state.ts'
import { createTroubles } from './trouble.ts'

export type Computer = ReturnType<typeof createComputer>
/** What proofs have cost since the start. */
export type ProofFigures = { tasks: number; misses: number; bytes: number }
type WorkerCoreCalls = Pick<WorkerCore, 'execute' | 'state'>

type Parts = {
  node: Pick<StateSource, 'state' | 'accessList' | 'call'>
  observations: Pick<Observations, 'of' | 'isHeld' | 'forget'>
  enigma: Address
  /** Of the network secret: those that have a commitment. */
  generations: () => readonly number[]
  clock: Clock
  log: Logger
}

/** Contracts whose code is remembered. */
const MOST_CODES = 500
/** What comes of a node's wrong word: Core refuses it, or goes on asking. The next answer may be right. */
const DOUBTS = new Set(['BAD_HEADER', 'NOT_OBSERVED', 'NO_TASK', 'BAD_PROOF', 'BAD_CODE', 'ENDLESS_TASK'])
const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 5_000

export function createComputer({ node, observations, enigma, generations, clock, log }: Parts) {
  const expectations = createExpectations(node)
  const codes = new Map<Hex, Uint8Array>()
  const holdOff = createHoldOff(clock, {
    firstMs: FIRST_RETRY_MS,
    mostMs: LAST_RETRY_MS,
    // A secret that Core lacks may come while the task's windows are open.
    holds: (error) => ['RPC_NONSENSE', 'NO_SECRET'].includes(codeOf(error)) || error instanceof ProofWindowError,
  })
  const troubles = createTroubles(log, { begins: 'state-not-proven', ends: 'state-proven-again' })
  const secretTroubles = createTroubles(log, { begins: 'secret-missing', ends: 'secret-here' })
  const figures: ProofFigures = { tasks: 0, misses: 0, bytes: 0 }

  /** Core's answers, one after the other, until it signs. */
  async function ask(core: WorkerCoreCalls, row: TaskRow, queue: ProofQueue, isOver: () => boolean) {
    const { task } = row
    const anchor = anchorOf(row)
    const slot = { address: enigma, slot: slotKey(task.requester, task.slot) }
    const keyWords = keyWordsFor(enigma, codes.get(task.codeHash), generations())
    // Else all would be fetched anew at each look at the chain while observers are away.
    if (observations.isHeld(anchor)) await observations.of(anchor)
    const [observed] = await Promise.all([
      observations.of(anchor),
      expectations.of(row).then(({ accounts, slots }) =>
        // What Core must see comes first, so that the first frame has room for it.
        queue.fetch({ accounts: [task.dApp, ...accounts], slots: [slot, ...keyWords, ...slots] }),
      ),
    ])
    let step = await core.execute({ task, ...observed, inputs: hexToBytes(row.inputs), proof: queue.next() })
    while (step.kind === 'miss') {
      if (isOver()) throw new WindowOverError(row.id)
      figures.misses++
      expectations.learn(row, step)
      const isNew = await queue.fetch(step)
      if (!isNew && queue.isEmpty()) throw new EndlessTaskError()
      step = await core.state({ execution: step.execution, ...queue.next() })
    }
    if (step.taskId !== row.id) throw new WrongReceiptError(row.id, step.taskId)
    return step
  }

  async function attempt(core: WorkerCoreCalls, row: TaskRow, isOver: () => boolean): Promise<SignedReceipt> {
    const { dApp, codeHash } = row.task
    const known = codes.get(codeHash)
    const found = new Map(known && [[dApp, known]])
    const queue = createProofQueue(node, anchorOf(row), found)
    try {
      const receipt = await ask(core, row, queue, isOver)
      figures.tasks++
      remember(codes, codeHash, found.get(dApp) as Uint8Array)
      troubles.clear()
      return receipt
    } catch (error) {
      throw doubtIn(error, row) ?? error
    } finally {
      figures.bytes += queue.bytes()
    }
  }

  function doubtIn(error: unknown, row: TaskRow): NodeDoubtedError | undefined {
    const code = codeOf(error)
    if (error instanceof ProofWindowError) troubles.note({ code, hint: error.hint ?? '' })
    if (code === 'NO_SECRET')
      secretTroubles.note({ code, hint: error instanceof EnigmaError ? (error.hint ?? '') : '' })
    if (!DOUBTS.has(code)) return undefined
    // Perhaps it was the signatures.
    observations.forget(anchorOf(row))
    const doubt = new NodeDoubtedError(code, row.task.createdBlock)
    troubles.note({ code, hint: doubt.hint ?? '' })
    return doubt
  }

  return {
    /** Returns what Core signed. Throws Core's refusals, Core's end, the node's outages, and once `isOver`. */
    compute: (core: WorkerCoreCalls, row: TaskRow, isOver: () => boolean = () => false): Promise<SignedReceipt> =>
      holdOff(row.id, () => attempt(core, row, isOver)),
    figures: (): ProofFigures => ({ ...figures }),
    trouble: troubles.latest,
    secretTrouble: secretTroubles.latest,
    /** Core holds more than before: what waited for it is tried at once. */
    secretReceived(): void {
      secretTroubles.clear()
      holdOff.release()
    },
  }
}

/** Keeps the newest. */
function remember<K, V>(map: Map<K, V>, key: K, value: V): void {
  map.delete(key)
  map.set(key, value)
  const oldest = map.keys().next()
  if (map.size > MOST_CODES && !oldest.done) map.delete(oldest.value)
}

/** Thrown when Core finds what the node said unproven. An outage like any other: ask again later. */
export class NodeDoubtedError extends RpcError {
  constructor(refusal: string, number: bigint) {
    super('RPC_NONSENSE', `Core refused what the node said of block ${number}: ${refusal}.`)
  }
}

/** Thrown when Core asks again for what it was shown: the node named code or account wrongly, or Core is broken. */
export class EndlessTaskError extends EnigmaError {
  override readonly name = 'Compute.EndlessTaskError'
  readonly code = 'ENDLESS_TASK'
  constructor() {
    super('Core asked for state that was fetched for it already.', {
      hint: 'Use another node behind --rpc-url; if it stays, start another version of Core.',
    })
  }
}

/** Thrown when nobody may settle the task any more, so that Core is free for others. */
export class WindowOverError extends EnigmaError {
  override readonly name = 'Compute.WindowOverError'
  readonly code = 'WINDOW_OVER'
  constructor(taskId: Hex) {
    super(`The windows of task ${taskId} are over.`, { hint: 'Nothing to do; its requester gets the fee back.' })
  }
}

/** Thrown when Core answers for another task. */
export class WrongReceiptError extends EnigmaError {
  override readonly name = 'Compute.WrongReceiptError'
  readonly code = 'WRONG_RECEIPT'
  constructor(expected: Hex, found: Hex) {
    super(`Core signed task ${found} instead of ${expected}.`, {
      hint: 'The node misreports the event of this task, or Core was started for another network.',
    })
  }
}
