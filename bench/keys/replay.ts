/**
 * What a task costs its worker, the chain node's answers not counted.
 *
 * A task that was served is run again on answers of the node that were recorded the first time. They are read and checked as
 * they came; only the waiting is gone.
 */
import path from 'node:path'
import { createRpc, type Rpc } from '@enigma/process'
import type { Hex } from '@enigma/protocol'
import type { TestNetwork, TestWorker } from '@enigma/testing'
import { openServedTask } from '../../packages/surface/src/testing/served-task.ts'
import { median } from '../figure.ts'

/** The first run records what the node says; Core, just started, takes a few to be as fast as one that serves. */
const WARM_UPS = 2

/** Medians. `questions`: how often Core asked for more than came with the task, the first time. */
export type Replayed = { firstMs: number; againMs: number; questions: number }

/** Takes a worker that was stopped, and a task that it served. */
export async function replayTask(
  { network, data }: TestNetwork,
  { name }: TestWorker,
  taskId: Hex,
  rounds: number,
): Promise<Replayed> {
  const rpc = recorded(createRpc(network.rpcUrl))
  const {
    computer: fresh,
    compute,
    stop,
  } = await openServedTask({ network, folder: path.join(data, name), name, rpc }, taskId)
  try {
    const times: Replayed[] = []
    for (let n = 0; n < WARM_UPS + rounds; n++) {
      const computer = fresh()
      const timeOf = async () => {
        const began = performance.now()
        await compute(computer)
        return performance.now() - began
      }
      const firstMs = await timeOf()
      const questions = computer.figures().misses
      times.push({ firstMs, againMs: await timeOf(), questions })
    }
    const middle = (what: keyof Replayed) =>
      Math.round(median(times.slice(WARM_UPS).map((time) => time[what])) * 100) / 100
    return { firstMs: middle('firstMs'), againMs: middle('againMs'), questions: middle('questions') }
  } finally {
    await stop()
  }
}

/** Asks once, and from then on answers what was answered, as text that has to be read again. */
function recorded(rpc: Rpc): Rpc {
  const answers = new Map<string, string>()
  async function answer(question: unknown, ask: () => Promise<unknown>): Promise<unknown> {
    const key = JSON.stringify(question)
    const known = answers.get(key) ?? JSON.stringify(await ask())
    answers.set(key, known)
    return JSON.parse(known)
  }
  return {
    call: (method, params = []) => answer([method, params], () => rpc.call(method, params)),
    batch: (calls) => answer(calls, () => rpc.batch(calls)) as Promise<unknown[]>,
  }
}
