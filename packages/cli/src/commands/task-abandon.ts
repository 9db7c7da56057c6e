/** `enigma task abandon`: gives up a result whose callback failed. */
import type { Run } from '../command.ts'
import { formatGwei, short } from '../format.ts'
import { openUndelivered } from '../undelivered.ts'
import type { TASK_END } from './options.ts'
import { parseTaskId } from './task-id.ts'

export const taskAbandon: Run<typeof TASK_END> = async (values, [id = ''], context) => {
  const taskId = parseTaskId(id)
  const { output, signal } = context
  const { enigma, undelivered, task } = await openUndelivered(taskId, values.account, context)
  const { txHash, gas } = await enigma.abandon(undelivered, { signal })
  const { requester, slot, restGwei } = task
  output.say(
    `The result of task ${short(taskId)} is given up. Slot ${slot} of ${requester} is free, with ${formatGwei(restGwei)}.`,
  )
  output.answer({ taskId, requester, slot, restGwei, txHash, gas })
  return 0
}
