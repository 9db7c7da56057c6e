/**
 * What a task costs its worker, the chain node's answers not counted.
 *
 * A task that was served is run again: by its worker's own Core, in a process, and by Surface's own code, on answers of the
 * node that were recorded the first time. They are read and checked as they came; only the waiting is gone.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { createObservers, createRpc, openForReading, type Rpc, silentLogger, systemClock } from '@enigma/process'
import type { Hex } from '@enigma/protocol'
import type { TestNetwork, TestWorker } from '@enigma/testing'
import { type Computer, createComputer } from '../../packages/surface/src/compute.ts'
import { launcherWith, type WorkerCore } from '../../packages/surface/src/core-host.ts'
import { DATABASE_NAME, SEALED_NAME } from '../../packages/surface/src/database.ts'
import { openJournal, type TaskRow } from '../../packages/surface/src/journal.ts'
import { createObservations } from '../../packages/surface/src/observed.ts'
import { createStateSource } from '../../packages/surface/src/state.ts'
import { median } from '../figure.ts'

const WATCHDOG_MS = 120_000
/** The first run records what the node says; Core, just started, takes a few to be as fast as one that serves. */
const WARM_UPS = 2

/** Medians. `questions`: how often Core asked for more than came with the task, the first time. */
export type Served = { firstMs: number; againMs: number; questions: number }

/** Takes a worker that was stopped, and a task that it served. */
export async function replayTask(
  { network, data }: TestNetwork,
  { name }: TestWorker,
  taskId: Hex,
  rounds: number,
): Promise<Served> {
  const folder = path.join(data, name)
  const { enigma, simulated, threshold, depth, rpcUrl } = network
  const observers = network.observers.map(({ address }) => address)
  const urls = network.observers.map(({ url }) => url)
  const domain = { chainId: BigInt(network.chainId), enigma, simulated, observers, threshold, depth, serial: 0 }
  const launch = launcherWith({ watchdogMs: WATCHDOG_MS }, silentLogger)
  const core = await launch({ role: 'worker', network: domain, platform: 'simulated', platformName: name })
  try {
    await core.restore({ sealed: readFileSync(path.join(folder, SEALED_NAME)) })
    const node = createStateSource(recorded(createRpc(rpcUrl)))
    const observing = createObservers({ ...domain, urls })
    const log = silentLogger
    const observations = createObservations({ observers: observing, node, clock: systemClock, log })
    const { generations: held } = await core.info()
    const generations = () => held
    const row = rowOf(path.join(folder, DATABASE_NAME), taskId)
    await observations.of({ number: row.task.createdBlock, hash: row.anchor })
    const times: Served[] = []
    for (let n = 0; n < WARM_UPS + rounds; n++) {
      const computer = createComputer({ node, observations, enigma, generations, clock: systemClock, log })
      const firstMs = await timeOf(computer, core, row)
      const questions = computer.figures().misses
      times.push({ firstMs, againMs: await timeOf(computer, core, row), questions })
    }
    const middle = (what: keyof Served) =>
      Math.round(median(times.slice(WARM_UPS).map((time) => time[what])) * 100) / 100
    return { firstMs: middle('firstMs'), againMs: middle('againMs'), questions: middle('questions') }
  } finally {
    await core.stop()
  }
}

async function timeOf(computer: Computer, core: WorkerCore, row: TaskRow): Promise<number> {
  const began = performance.now()
  await computer.compute(core, row)
  return performance.now() - began
}

function rowOf(database: string, taskId: Hex): TaskRow {
  const db = openForReading(database)
  try {
    return openJournal(db).find(taskId) as TaskRow
  } finally {
    db.close()
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
