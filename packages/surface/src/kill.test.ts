import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { until } from '@enigma/process/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { NoWorkerError, readStatus } from './status.ts'
import { startWorld, type World } from './testing/world.ts'

const WORKER = fileURLToPath(new URL('./testing/mortal-worker.ts', import.meta.url))

let world: World
beforeAll(async () => {
  // Windows so long that no task is over before its worker lives long enough.
  world = await startWorld({ windowBlocks: 18 })
})
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await world?.stop()
})
const children: ChildProcess[] = []

/** Starts a worker on the one data directory; resolves when it is dead. */
function live(diesAt: string) {
  const child = spawn(process.execPath, [WORKER], {
    env: { ...process.env, ...world.environment(), DIES_AT: diesAt },
    stdio: 'ignore',
  })
  children.push(child)
  const dead = new Promise<NodeJS.Signals | null>((resolve) => child.once('close', (_, signal) => resolve(signal)))
  return { child, dead }
}

const status = () => {
  try {
    return readStatus(world.config().dataDir)
  } catch (error) {
    if (error instanceof NoWorkerError) return undefined
    throw error
  }
}
const transactions = () => world.anvil.rpc.call('eth_getTransactionCount', [world.operator, 'latest']).then(Number)

/** A dozen processes start here, one after the other. */
const LONG_MS = 180_000
/** Each is a moment between two things that can be lost: what is on the chain, and what is on the disk. */
const MOMENTS = [
  'eth_sendRawTransaction before',
  'eth_sendRawTransaction after',
  'eth_getLogs after',
  'eth_getProof after',
  'eth_getCode after',
  'eth_getTransactionCount after',
  'eth_getTransactionReceipt before',
  'eth_getTransactionReceipt after',
]

test('S20: killed at any moment, a worker takes one seat', { timeout: LONG_MS }, async () => {
  for (const moment of ['eth_estimateGas after', 'eth_sendRawTransaction before', 'eth_sendRawTransaction after']) {
    expect(await live(moment).dead, moment).toBe('SIGKILL')
  }
  const { child, dead } = live('')
  await until(() => status()?.seat !== undefined && status()?.seat !== null, 'a seat', 60_000)
  child.kill('SIGKILL')
  await dead
  await world.startEpoch(2)
  expect(await world.read('seatCount')).toBe(1n)
  expect(await transactions()).toBe(1)
})

test('S20: killed at any moment, a worker settles each task, and each with one transaction', {
  timeout: LONG_MS,
}, async () => {
  const ids: string[] = []
  for (const [slot, moment] of MOMENTS.entries()) {
    ids.push(await world.request(slot))
    const { child, dead } = live(moment)
    const isDone = until(() => status()?.tasks.DONE === ids.length, moment, 60_000).then(() => child.kill('SIGKILL'))
    await Promise.race([dead, isDone])
    await dead
    isDone.catch(() => {})
  }
  const { child, dead } = live('')
  await until(() => status()?.tasks.DONE === ids.length, 'every task being settled', 60_000)
  child.kill('SIGKILL')
  await dead
  expect(status()?.recentTasks.map((task) => task.state)).toEqual(ids.map(() => 'DONE'))
  expect(await transactions()).toBe(1 + ids.length)
})
