/** A result whose callback failed, and a client that hands it over again or gives it up. */
import { createEnigma, parseNetwork } from '@enigma/client'
import { EnigmaError, type Hex, STATUS } from '@enigma/protocol'
import type { Context } from './command.ts'
import { abiOf } from './examples.ts'
import { findNetwork, openNetwork, operatorAccount, POLL_MS } from './network.ts'
import { readTask, type TaskView } from './tasks.ts'

/** `name` is that of the account which signs; see `operatorAccount`. */
export async function openUndelivered(taskId: Hex, name: string | undefined, { cwd, env }: Context) {
  const { file } = await findNetwork(cwd)
  const network = openNetwork(file, operatorAccount(file, name, env))
  const view = await readTask(network, taskId)
  if (!isUndelivered(view)) throw new NotUndeliveredError(view)
  const { task } = view
  return {
    task,
    undelivered: { taskId, createdBlock: task.createdBlock, abi: abiOf(file, task.dApp) },
    enigma: createEnigma({
      client: network.client,
      network: parseNetwork(file),
      allowSimulated: true,
      pollIntervalMs: POLL_MS,
    }),
  }
}

function isUndelivered({ ending }: TaskView): boolean {
  return ending?.state === 'settled' && ending.status === STATUS.result && !ending.delivered && !ending.afterwards
}

/** Thrown for a task that has no result, or one that was delivered or given up. */
export class NotUndeliveredError extends EnigmaError {
  override readonly name = 'Undelivered.NotUndeliveredError'
  readonly code = 'NOT_UNDELIVERED'
  constructor({ taskId }: TaskView) {
    super(`Task ${taskId} has no result that waits to be delivered.`, {
      hint: 'enigma task show tells what became of it.',
    })
  }
}
