/** Takes back the fee of a task that nobody served. Anyone may do it for anyone; the fee goes to the requester's slot. */
import { EnigmaError, type Hex, packTask, RANKS } from '@enigma/protocol'
import type { Account } from 'viem'
import type { Deadline } from './clock.ts'
import type { Requesting } from './request-task.ts'
import { readTaskEvents } from './task-events.ts'
import { type Moved, transact } from './transact.ts'
import type { AwaitedTask } from './wait.ts'

export type Cancelled = Moved & { refundGwei: bigint }

export async function cancelTask(
  { taskId, createdBlock }: Pick<AwaitedTask, 'taskId' | 'createdBlock'>,
  requesting: Requesting,
  account: Account,
  deadline: Deadline,
): Promise<Cancelled> {
  const { reader, domain } = requesting
  // The request stands in one block: asking for more is what public RPCs refuse.
  const { request } = await readTaskEvents(reader, domain, taskId, { fromBlock: createdBlock, toBlock: createdBlock })
  if (!request) throw new UnknownTaskError(taskId, createdBlock)
  const { ref, target, terms, codeHash, inputsHash } = packTask(request.task)
  const cancel = { functionName: 'cancel', args: [{ ref, target, terms, codeHash, inputsHash }] } as const
  const cancelled = await transact(requesting, cancel, account, deadline, {
    taskId,
    refine: ({ errorName, args }) => {
      if (errorName === 'TooEarly') return new CancelTooEarlyError(taskId, args[0] as bigint, args[1] as bigint)
      if (errorName === 'TaskNotPending') return new TaskEndedError(taskId)
    },
  })
  return { ...cancelled, refundGwei: request.task.feeGwei }
}

export class CancelTooEarlyError extends EnigmaError {
  override readonly name = 'CancelTooEarlyError'
  readonly code = 'CANCEL_TOO_EARLY'
  readonly opensAtBlock: bigint
  constructor(taskId: Hex, opensAtBlock: bigint, currentBlock: bigint) {
    super(`Task ${taskId} may be cancelled from block ${opensAtBlock} on; this is block ${currentBlock}.`, {
      hint: `Until then each of ${RANKS} workers has its turn.`,
    })
    this.opensAtBlock = opensAtBlock
  }
}

export class TaskEndedError extends EnigmaError {
  override readonly name = 'TaskEndedError'
  readonly code = 'TASK_ENDED'
  constructor(taskId: Hex) {
    super(`Task ${taskId} has ended already.`, { hint: 'waitForResult tells how.' })
  }
}

export class UnknownTaskError extends EnigmaError {
  override readonly name = 'UnknownTaskError'
  readonly code = 'UNKNOWN_TASK'
  constructor(taskId: Hex, createdBlock: bigint) {
    super(`The RPC shows no request of task ${taskId} in block ${createdBlock}.`, {
      hint: 'Compare id and block with the TaskRequested event.',
    })
  }
}
