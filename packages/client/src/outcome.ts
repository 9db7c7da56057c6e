/** From the end of a task to a typed value, or to an error that says how it ended. */
import { bytesToHex, EnigmaError, EnvelopeError, type Hex, hexToBytes, STATUS, type Task } from '@enigma/protocol'
import { type Abi, decodeErrorResult } from 'viem'
import { decodeOutput } from './callable.ts'
import { openPrivateResult, type PrivateReply, ReplyNotOpenedError, replyIn } from './private-result.ts'
import type { ReplyKey } from './reply-key.ts'
import { isStateChange, StateConflictError } from './state-conflict.ts'
import type { TaskEnd } from './task-events.ts'

export type Ended = PrivateReply & {
  taskId: Hex
  createdBlock: bigint
  task: Task
  /** It was answered for one of them. */
  networkHashes: readonly Hex[]
  abi: Abi
  functionName: string
  reply?: ReplyKey | undefined
  /** Why the callback reverted, where it did and that could be found out. */
  refusal?: FailureReason | undefined
}

/** The value that the private function returned; throws where there is none, or the dApp did not take it. */
export async function resultOf(end: TaskEnd, ended: Ended): Promise<unknown> {
  const { taskId, task, functionName, refusal } = ended
  if (end.type === 'cancelled') throw new TaskNotServedError(taskId, { refundGwei: task.feeGwei, isRefunded: true })
  if (end.status === STATUS.notOpened) throw new InputsNotOpenedError(taskId)
  if (end.status !== STATUS.result) {
    const reason = await reasonOf(end.output, ended)
    if (isStateChange(reason)) throw new StateConflictError(ended, 'function', reason)
    throw new PrivateFunctionFailedError(taskId, functionName, reason)
  }
  if (isStateChange(refusal)) throw new StateConflictError(ended, 'callback', refusal)
  const value = await decoded(end.output, ended)
  if (!end.delivered) throw new ResultNotDeliveredError(ended, value, end.output, refusal)
  return value
}

async function decoded(output: Hex, ended: Ended): Promise<unknown> {
  const value = decodeOutput(ended, output)
  const { abi, functionName, taskId, networkHashes, privateResult: abiType, replyKeyPair: keyPair } = ended
  if (abiType === undefined || !keyPair) return value
  const reply = replyIn(abi, functionName, value)
  const { dApp } = ended.task
  return firstOpened(networkHashes, ReplyNotOpenedError, (networkHash) =>
    openPrivateResult({ reply, keyPair, abiType, taskId, dApp, networkHash }),
  )
}

/** What `open` returns for the first network that it does not throw a `failure` for. */
async function firstOpened<T>(
  networkHashes: readonly Hex[],
  failure: new (...args: never[]) => Error,
  open: (networkHash: Hex) => Promise<T>,
): Promise<T> {
  let last: unknown
  for (const networkHash of networkHashes) {
    try {
      return await open(networkHash)
    } catch (error) {
      if (!(error instanceof failure)) throw error
      last = error
    }
  }
  throw last
}

/** Why a private function failed, as its author wrote it. */
export type FailureReason = { errorName: string; args: readonly unknown[] } | { data: Hex }

/** Opens the reason. A reason that is missing or does not open is no second failure: the first one counts. */
async function reasonOf(
  output: Hex,
  { taskId, task, networkHashes, abi, reply }: Ended,
): Promise<FailureReason | undefined> {
  if (output === '0x' || !reply) return
  let data: Hex
  try {
    const { dApp } = task
    const sealed = hexToBytes(output)
    data = bytesToHex(
      await firstOpened(networkHashes, EnvelopeError, (networkHash) =>
        reply.open(sealed, { networkHash, dApp, taskId }),
      ),
    )
  } catch (error) {
    if (error instanceof EnvelopeError) return
    throw error
  }
  return decodeReason(abi, data)
}

/** Revert data by the dApp's own errors, Solidity's `Error(string)` and `Panic(uint256)`; the bytes where it is none of them. */
export function decodeReason(abi: Abi, data: Hex): FailureReason | undefined {
  if (data === '0x') return
  try {
    const { errorName, args } = decodeErrorResult({ abi, data })
    return { errorName, args: (args ?? []) as readonly unknown[] }
  } catch {
    return { data }
  }
}

/** The private function reverted or met a limit. The fee is paid: the work was done. */
export class PrivateFunctionFailedError extends EnigmaError {
  override readonly name = 'PrivateFunctionFailedError'
  readonly code = 'PRIVATE_FUNCTION_FAILED'
  readonly taskId: Hex
  // The reason came sealed, and even which error it is tells of the inputs: it is here for the program, not for
  // whatever prints this error.
  readonly #reason: FailureReason | undefined
  constructor(taskId: Hex, functionName: string, reason: FailureReason | undefined) {
    super(`${functionName} failed in private (task ${taskId}).`, {
      hint: reason
        ? "`reason` holds the function's own words; do not log them where the inputs must not be seen."
        : 'Without a reason it ran out of gas or met another limit: try a higher gasClass or outputCap.',
    })
    this.taskId = taskId
    this.#reason = reason
  }
  get reason(): FailureReason | undefined {
    return this.#reason
  }
}

/** No addressed worker could open the inputs. */
export class InputsNotOpenedError extends EnigmaError {
  override readonly name = 'InputsNotOpenedError'
  readonly code = 'INPUTS_NOT_OPENED'
  readonly taskId: Hex
  constructor(taskId: Hex) {
    super(`The inputs of task ${taskId} did not open under its own facts; nothing was computed.`, {
      hint: "Most likely the dApp's code changed between sealing and request. Pin its codeHash and ask again.",
    })
    this.taskId = taskId
  }
}

/** Computed, paid and settled, but the dApp's callback reverted. The result waits on chain; `redeliver` and `abandon` take this error. */
export class ResultNotDeliveredError extends EnigmaError {
  override readonly name = 'ResultNotDeliveredError'
  readonly code = 'RESULT_NOT_DELIVERED'
  readonly taskId: Hex
  /** What the private function returned, as it stands on chain. */
  readonly output: Hex
  /** The callback's own words. Without any it ran out of gas, or would pass by now. */
  readonly reason: FailureReason | undefined
  // A private result came sealed: it is here for the program, not for whatever prints this error.
  readonly #value: unknown
  // No JSON holds a bigint, and loggers make some of an error's own fields.
  readonly #createdBlock: bigint
  constructor(
    { taskId, createdBlock }: { taskId: Hex; createdBlock: bigint },
    value: unknown,
    output: Hex,
    reason: FailureReason | undefined,
    cause?: unknown,
  ) {
    const why = reason && 'errorName' in reason ? `: ${reason.errorName}` : ''
    super(`The result of task ${taskId} is there, but the dApp's callback reverted on it${why}.`, {
      hint: reason
        ? 'redeliver(error) once the dApp can take it, or abandon(error): until then its slot is taken.'
        : 'The callback ran out of gas, or would pass by now: redeliver(error). More callbackGas prevents it.',
      cause,
    })
    this.taskId = taskId
    this.#createdBlock = createdBlock
    this.output = output
    this.reason = reason
    this.#value = value
  }
  /** For `redeliver` and `abandon`. */
  get createdBlock(): bigint {
    return this.#createdBlock
  }
  /** The result itself, decoded; undefined where `redeliver` was told no more than an id. */
  get value(): unknown {
    return this.#value
  }
}

/** No selected worker settled the task in its window. */
export class TaskNotServedError extends EnigmaError {
  override readonly name = 'TaskNotServedError'
  readonly code = 'TASK_NOT_SERVED'
  readonly taskId: Hex
  /** The whole fee, back in the requester's slot once `isRefunded`. */
  readonly refundGwei: bigint
  readonly isRefunded: boolean
  constructor(taskId: Hex, { refundGwei, isRefunded }: { refundGwei: bigint; isRefunded: boolean }) {
    super(
      `Nobody served task ${taskId}. ${refundGwei} gwei ${isRefunded ? 'are back in your slot' : 'can be taken back'}.`,
      { hint: isRefunded ? 'Ask again: the slot pays from its balance.' : 'cancel(task) brings the fee back.' },
    )
    this.taskId = taskId
    this.refundGwei = refundGwei
    this.isRefunded = isRefunded
  }
}
