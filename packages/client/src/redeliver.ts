/** What to do about a result whose callback failed: hand it over again, which anyone may, or give it up. */
import { EnigmaError, type Hex, hexToBytes, keccak256, packTask, RANKS, type Task } from '@enigma/protocol'
import type { Abi, Account } from 'viem'
import { UnknownTaskError } from './cancel.ts'
import { type Deadline, StoppedError } from './clock.ts'
import { ResultNotDeliveredError } from './outcome.ts'
import type { Report } from './progress.ts'
import { callbackRefusal } from './refused-callback.ts'
import type { Requesting } from './request-task.ts'
import { type EnigmaTransaction, RefusedError } from './send.ts'
import { readTaskEvents } from './task-events.ts'
import { type Moved, transact } from './transact.ts'
import type { AwaitedTask } from './wait.ts'

export type RedeliverOptions = {
  /** Where the callback fails, try once more by a transaction of the caller's, with all the gas that it takes. Default: not. */
  redeliver?: boolean | undefined
}

/** A `RequestedTask`, a `ResultNotDeliveredError`, or as much as the TaskRequested event tells. */
export type UndeliveredTask = Pick<AwaitedTask, 'taskId' | 'createdBlock'> & {
  /** Of the dApp: by it an error tells why the callback fails. */
  readonly abi?: Abi
  /** The result, decoded, for the error to hold. */
  readonly value?: unknown
}

/** Covers the calldata of the longest result and the contract's own work. */
const OVERHEAD_GAS = 600_000n

type Found = { task: Task; output: Hex; result: Undelivered }
/** As the contract takes it. */
type Undelivered = Extract<EnigmaTransaction, { functionName: 'abandon' }>['args'][0]

/**
 * Hands the result over again, in a transaction that `account` pays. Where the callback would fail again nothing is sent, and a
 * `ResultNotDeliveredError` tells why.
 */
export async function redeliverResult(
  undelivered: UndeliveredTask,
  parts: Requesting,
  account: Account,
  deadline: Deadline,
): Promise<Moved> {
  const { taskId, abi = [], value } = undelivered
  const { task, output, result } = await deadline.race(findUndelivered(undelivered, parts))
  // The least gas at which the callback passes may leave too little to what it calls: it gets what it was asked for with.
  const leastGas = (BigInt(task.callbackGas) * 64n) / 63n + OVERHEAD_GAS
  const redelivery = { functionName: 'redeliver', args: [result, output], leastGas } as const
  try {
    return await transact(parts, redelivery, account, deadline, refining(taskId))
  } catch (error) {
    if (!(error instanceof RefusedError) || error.errorName !== 'DeliveryFailed') throw error
    const refusal = callbackRefusal(parts.reader, parts.domain.enigma, { taskId, task, abi }, { output })
    throw new ResultNotDeliveredError(undelivered, value, output, await deadline.race(refusal))
  }
}

/** Gives the result up, so that its slot and what is left in it are free. Before the cool-down the contract lets only its requester. */
export async function abandonResult(
  undelivered: UndeliveredTask,
  parts: Requesting,
  account: Account,
  deadline: Deadline,
): Promise<Moved> {
  const { output, result } = await deadline.race(findUndelivered(undelivered, parts))
  const abandonment = { functionName: 'abandon', args: [result, keccak256(hexToBytes(output))] } as const
  return transact(parts, abandonment, account, deadline, refining(undelivered.taskId))
}

/** The outcome of `attempt`; where its callback failed and the caller wants it so, once it is delivered after all. */
export async function withRedelivery(
  { redeliver = false, abi }: RedeliverOptions & { abi: Abi },
  { parts, account, report, deadline }: { parts: Requesting; account: Account; report: Report; deadline: Deadline },
  attempt: Promise<unknown>,
): Promise<unknown> {
  try {
    return await attempt
  } catch (error) {
    if (!redeliver || !(error instanceof ResultNotDeliveredError)) throw error
    const { taskId, createdBlock, value, output, reason } = error
    report({ type: 'redelivering', taskId })
    try {
      await redeliverResult({ taskId, createdBlock, abi, value }, parts, account, deadline)
    } catch (failure) {
      if (failure instanceof ResultNotDeliveredError || failure instanceof StoppedError) throw failure
      // Whatever else went wrong, the caller has paid for this value.
      throw new ResultNotDeliveredError(error, value, output, reason, failure)
    }
    return value
  }
}

/** The settlement stands in the blocks of the task's windows; whether its result still waits, the contract says. */
async function findUndelivered(
  { taskId, createdBlock }: UndeliveredTask,
  { reader, domain, terms }: Requesting,
): Promise<Found> {
  const toBlock = createdBlock + BigInt(RANKS * terms.windowBlocks)
  const { request, end } = await readTaskEvents(reader, domain, taskId, { fromBlock: createdBlock, toBlock })
  if (!request) throw new UnknownTaskError(taskId, createdBlock)
  if (end?.type !== 'settled') throw new NotUndeliveredError(taskId)
  const { task } = request
  const { dApp, callable, restGwei } = task
  const result = { taskId, ref: packTask(task).ref, dApp, callable, restGwei, createdBlock: Number(createdBlock) }
  return { task, output: end.output, result }
}

function refining(taskId: Hex) {
  return {
    refine: ({ errorName }: RefusedError) =>
      errorName === 'NotUndelivered' ? new NotUndeliveredError(taskId) : undefined,
  }
}

export class NotUndeliveredError extends EnigmaError {
  override readonly name = 'NotUndeliveredError'
  readonly code = 'NOT_UNDELIVERED'
  constructor(taskId: Hex) {
    super(`Task ${taskId} has no result that waits to be delivered. Nothing was sent.`, {
      hint: 'waitForResult tells how it ended.',
    })
  }
}
