/** `enigma task watch`: one task to its end, or every task as it comes and goes. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Hex } from '@enigma/protocol'
import type { Context, Run } from '../command.ts'
import { short } from '../format.ts'
import { findNetwork, type OpenNetwork, POLL_MS } from '../network.ts'
import { endingText, showTask, taskLine } from '../task-text.ts'
import { findRequests, readEnding, readTask, type TaskView, viewOf } from '../tasks.ts'
import type { NONE } from './options.ts'
import { parseTaskId } from './task-id.ts'

export const taskWatch: Run<typeof NONE> = async (_values, [id], context) => {
  const network = await findNetwork(context.cwd)
  return id === undefined ? watchAll(network, context) : watchOne(network, parseTaskId(id), context)
}

async function watchOne(network: OpenNetwork, taskId: Hex, { output, signal }: Context): Promise<number> {
  const view = await readTask(network, taskId)
  showTask(view, output)
  let { ending } = view
  while (!ending && !signal.aborted) {
    await pause(signal)
    ending = await readEnding(network, taskId, view.task.createdBlock)
    if (ending) output.say(`  state      ${endingText(ending, output.style)}`)
  }
  output.answer({ state: ending?.state ?? 'pending', ...view, ...(ending ? { ending } : {}) })
  return ending ? 0 : 1
}

async function watchAll(network: OpenNetwork, { output, signal }: Context): Promise<number> {
  const open = new Map<Hex, TaskView>()
  let seen = 0
  let fromBlock = (await network.client.getBlockNumber()) + 1n
  output.say('Waiting for tasks; Ctrl-C ends this.')
  while (!signal.aborted) {
    const toBlock = await network.client.getBlockNumber()
    // A node takes a range that begins after its head for a mistake.
    const found = toBlock < fromBlock ? [] : await findRequests(network, { fromBlock, toBlock })
    fromBlock = toBlock + 1n
    for (const requested of found) {
      const view = await viewOf(network, requested)
      seen++
      open.set(view.taskId, view)
      output.say(taskLine(view))
    }
    for (const [taskId, { task }] of open) {
      const ending = await readEnding(network, taskId, task.createdBlock)
      if (!ending) continue
      open.delete(taskId)
      output.say(`${short(taskId)} ${endingText(ending, output.style)}`)
    }
    await pause(signal)
  }
  output.answer({ seen, open: open.size })
  return 0
}

/** Resolves at once when the user has had enough. */
async function pause(signal: AbortSignal): Promise<void> {
  await sleep(POLL_MS, undefined, { signal }).catch(() => {})
}
