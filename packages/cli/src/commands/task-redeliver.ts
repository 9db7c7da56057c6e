/** `enigma task redeliver`: hands a result whose callback failed to its dApp again. */
import type { Run } from '../command.ts'
import { grouped, short } from '../format.ts'
import { openUndelivered } from '../undelivered.ts'
import type { TASK_END } from './options.ts'
import { parseTaskId } from './task-id.ts'

export const taskRedeliver: Run<typeof TASK_END> = async (values, [id = ''], context) => {
  const taskId = parseTaskId(id)
  const { output, signal } = context
  const { enigma, undelivered, task } = await openUndelivered(taskId, values.account, context)
  const { txHash, gas } = await enigma.redeliver(undelivered, { signal })
  output.say(`The result of task ${short(taskId)} is delivered to ${task.dApp}, for ${grouped(gas)} gas.`)
  output.answer({ taskId, dApp: task.dApp, txHash, gas })
  return 0
}
