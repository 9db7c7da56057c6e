import { setTimeout as sleep } from 'node:timers/promises'
import { startNetwork, type TestNetwork } from '@enigma/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADDITION, addition, sumOf, taskLogs } from './support/story.ts'

/** Enough to meet each step of a task several times over the runs of a week, few enough for every run. */
const ROUNDS = 6
/** Within this time an undisturbed worker has settled. */
const SPREAD_MS = 350

let network: TestNetwork
beforeAll(async () => {
  network = await startNetwork({ workers: 1 })
})
afterAll(() => network?.stop())

test('S20: a Surface killed at random points and started again neither loses a task nor settles one twice', async () => {
  const [worker] = network.workers
  const dApp = await network.deploy(ADDITION)
  const alice = network.enigma('alice')
  const { address } = network.account('worker-1')
  const killAndRestart = async () => {
    await worker?.killSurface()
    await worker?.restart()
  }
  for (let round = 1; round <= ROUNDS; round++) {
    const afterMs = Math.floor(Math.random() * SPREAD_MS)
    let accident: Promise<void> | undefined
    const result = alice.call({
      ...addition(dApp, BigInt(round), 1_000n),
      onProgress: ({ type }) => {
        if (type === 'requested') accident = sleep(afterMs).then(killAndRestart)
      },
    })
    expect(await result, `killed after ${afterMs} ms`).toBe(BigInt(round) + 1_000n)
    await accident
    // Its settlement is not the only thing that may need a block to go on: a replaced transaction does, too.
    await network.chain.mine()
  }
  const { requested, settled } = await taskLogs(network)
  expect(requested).toHaveLength(ROUNDS)
  expect(new Set(settled.map(({ taskId }) => taskId)).size).toBe(ROUNDS)
  expect(settled).toHaveLength(ROUNDS)
  expect(await sumOf(network, dApp)).toBe(BigInt(ROUNDS) + 1_000n)
  // One for the seat, one for the network secret that it made, and one for each task: nothing was sent twice.
  const client = network.client('deployer')
  expect(await client.getTransactionCount({ address })).toBe(2 + ROUNDS)
})
