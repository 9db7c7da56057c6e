/**
 * A task that a worker served, to be computed again: by its worker's own Core, in a process, and by Surface's own code.
 *
 * Core gets back the keys that the worker's disk holds, so what it signs is signed by the worker's signer once more.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { createObservers, openForReading, type Rpc, silentLogger, systemClock } from '@enigma/process'
import type { Address, Hex } from '@enigma/protocol'
import { type Computer, createComputer } from '../compute.ts'
import { launcherWith } from '../core-host.ts'
import { DATABASE_NAME, SEALED_NAME } from '../database.ts'
import { openJournal, type TaskRow } from '../journal.ts'
import { createObservations } from '../observed.ts'
import { createStateSource } from '../state.ts'

const WATCHDOG_MS = 120_000

/** Where it was served, as a network's file and the worker's own folder tell. */
export type Served = {
  network: {
    chainId: number
    enigma: Address
    simulated: boolean
    observers: readonly { address: Address; url: string }[]
    threshold: number
    depth: number
  }
  /** The worker's folder and its machine's name. It must not run. */
  folder: string
  name: string
  /** Where it runs another Core than the sources'. */
  program?: string
  rpc: Rpc
}

/** Call `stop` in the end. */
export async function openServedTask({ network, folder, name, program, rpc }: Served, taskId: Hex) {
  const { chainId, enigma, simulated, threshold, depth } = network
  const observers = network.observers.map(({ address }) => address)
  const identity = { chainId: BigInt(chainId), enigma, simulated, observers, threshold, depth, serial: 0 }
  const log = silentLogger
  const launch = launcherWith({ watchdogMs: WATCHDOG_MS, program }, log)
  const core = await launch({ role: 'worker', network: identity, platform: 'simulated', platformName: name })
  try {
    await core.restore({ sealed: readFileSync(path.join(folder, SEALED_NAME)) })
    const { generations: held } = await core.info()
    const row = rowOf(path.join(folder, DATABASE_NAME), taskId)
    const node = createStateSource(rpc)
    const urls = network.observers.map(({ url }) => url)
    const observations = createObservations({
      observers: createObservers({ ...identity, urls }),
      ...{ node, clock: systemClock, log },
    })
    await observations.of({ number: row.task.createdBlock, hash: row.anchor })
    return {
      row,
      /** One that remembers nothing of other tasks. */
      computer: (): Computer =>
        createComputer({ node, observations, enigma, generations: () => held, clock: systemClock, log }),
      compute: (computer: Computer) => computer.compute(core, row),
      stop: () => core.stop(),
    }
  } catch (error) {
    await core.stop()
    throw error
  }
}

function rowOf(database: string, taskId: Hex): TaskRow {
  const db = openForReading(database)
  try {
    const row = openJournal(db).find(taskId)
    if (!row) throw new RangeError(`the worker never saw task ${taskId}`)
    return row
  } finally {
    db.close()
  }
}
