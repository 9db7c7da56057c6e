/**
 * What workers do on a chain with a block a second: their own time per task, and how many tasks they sustain together.
 *
 * Every task is sealed before the clock starts, so that the users' side, which shares this machine's processors, stays out of
 * the figures as far as it can. The tasks belong to several dApps: the lottery gives each dApp one worker an epoch, and only
 * several dApps occupy several workers.
 */
import os from 'node:os'
import type { Enigma, RequestedTask } from '@enigma/client'
import type { Hex } from '@enigma/protocol'
import { startNetwork, type TestNetwork } from '@enigma/testing'
import { additionAbi, additionBytecode } from '../examples/addition/abi.ts'
import { type Figure, median } from './figure.ts'

const DAPPS = 12
const TASKS_EACH = 20
const PEOPLE = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace']
/** Long enough that no boundary falls into the run. */
const EPOCH_BLOCKS = 600

export async function measureWork(progress: (line: string) => void): Promise<Figure[]> {
  progress('starting a network of 3 workers with a block a second …')
  const network = await startNetwork({ workers: 3, mining: 'every-second', parameters: { epochBlocks: EPOCH_BLOCKS } })
  try {
    const own = await measureOwnTime(network, progress)
    const { perSecond, tasks, blocks, busyPercent } = await measureThroughput(network, progress)
    return [
      { name: "worker's own time per task, median", value: own, unit: 'ms', target: 150, better: 'lower' },
      {
        name: 'tasks per second, 3 workers, 1 s blocks',
        value: perSecond,
        unit: '1/s',
        target: null,
        better: 'higher',
        bound: `${tasks} tasks in ${blocks} blocks, with the machine's processors ${busyPercent} % busy: chain, workers and users share them.`,
      },
    ]
  } finally {
    await network.stop()
  }
}

/** One task at a time, so that none waits for another. */
async function measureOwnTime(network: TestNetwork, progress: (line: string) => void): Promise<number> {
  const address = await deployAddition(network)
  const enigma = network.enigma('alice')
  for (let n = 1; n <= 11; n++) {
    progress(`own time, task ${n} of 11 …`)
    await enigma.call({ address, abi: additionAbi, functionName: 'add', args: [BigInt(n), 1n] })
  }
  const own = network.workers.flatMap(({ status }) =>
    status().recentTasks.flatMap(({ ownMs, rank }) => (rank === 0 ? (ownMs ?? []) : [])),
  )
  return median(own)
}

async function measureThroughput(network: TestNetwork, progress: (line: string) => void) {
  progress(`sealing ${DAPPS * TASKS_EACH} tasks …`)
  const dApps: Hex[] = []
  // One after the other: they share the deployer's nonces.
  while (dApps.length < DAPPS) dApps.push(await deployAddition(network))
  // One client a person: it numbers that account's transactions.
  const people = PEOPLE.map((name) => network.enigma(name))
  const sealed = await Promise.all(
    dApps.map(async (address, index) => {
      const enigma = people[index % people.length] as Enigma
      return { enigma, tasks: await sealMany(enigma, address, index) }
    }),
  )
  progress('requesting them all …')
  const busy = startBusyMeter()
  const requested = await Promise.all(
    sealed.flatMap(({ enigma, tasks }) =>
      tasks.map(async (task) => ({ enigma, task: await enigma.requestTask(task) })),
    ),
  )
  progress('waiting for the last result …')
  await Promise.all(requested.map(({ enigma, task }) => enigma.waitForResult(task)))
  const busyPercent = busy()
  const rate = await rateOf(
    network,
    requested.map(({ task }) => task),
  )
  return { ...rate, busyPercent }
}

/** How busy all processors were, in percent, from now until the returned function is called. */
function startBusyMeter(): () => number {
  const read = () => {
    const times = os.cpus().map(({ times }) => times)
    const idle = times.reduce((sum, { idle }) => sum + idle, 0)
    return { idle, all: times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0) }
  }
  const before = read()
  return () => {
    const after = read()
    return Math.round(100 * (1 - (after.idle - before.idle) / (after.all - before.all)))
  }
}

/** Slots are chosen by hand: sealing ahead needs to know them. */
async function sealMany(enigma: Enigma, address: Hex, index: number) {
  const tasks = []
  const first = Math.floor(index / PEOPLE.length) * TASKS_EACH + 1
  for (let n = 0; n < TASKS_EACH; n++) {
    const workers = await enigma.verifyWorkers({ dApp: address, slot: first + n })
    tasks.push(await enigma.encrypt({ address, abi: additionAbi, functionName: 'add', args: [BigInt(n), 1n], workers }))
  }
  return tasks
}

async function rateOf(network: TestNetwork, tasks: readonly Pick<RequestedTask, 'createdBlock'>[]) {
  const blockNumbers = tasks.map(({ createdBlock }) => Number(createdBlock))
  const first = Math.min(...blockNumbers)
  const last = await network.chain.blockNumber()
  const blocks = last - first
  return { perSecond: Math.round((tasks.length / blocks) * 10) / 10, tasks: tasks.length, blocks }
}

const deployAddition = (network: TestNetwork) => network.deploy({ abi: additionAbi, bytecode: additionBytecode })
