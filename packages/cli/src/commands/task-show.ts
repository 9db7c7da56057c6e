/** `enigma task show`: one task, as the chain tells it. */
import type { Run } from '../command.ts'
import { findNetwork } from '../network.ts'
import { showTask } from '../task-text.ts'
import { readTask } from '../tasks.ts'
import type { NONE } from './options.ts'
import { parseTaskId } from './task-id.ts'

export const taskShow: Run<typeof NONE> = async (_values, [id = ''], { output, cwd }) => {
  const taskId = parseTaskId(id)
  const view = await readTask(await findNetwork(cwd), taskId)
  showTask(view, output)
  output.answer({ state: view.ending?.state ?? 'pending', ...view })
  return 0
}
