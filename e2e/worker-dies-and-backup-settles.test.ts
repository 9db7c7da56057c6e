import { eventually, startNetwork, type TestNetwork } from '@enigma/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADDITION, addition, ranksFor, sumOf, taskLogs } from './support/story.ts'

let network: TestNetwork
beforeAll(async () => {
  network = await startNetwork({ workers: 3 })
})
afterAll(() => network?.stop())

test('the selected worker dies with the task in hand, and the next rank settles it after its window', async () => {
  const dApp = await network.deploy(ADDITION)
  const [first = 0, second] = await ranksFor(network, dApp)
  const dying = await network.workerOf(first)
  const result = network.enigma('alice').call({
    ...addition(dApp, 40n, 2n),
    onProgress: (event) => {
      // The very moment in which the task is everybody's to see.
      if (event.type === 'sent') void dying.killSurface()
    },
  })
  await eventually('the request', async () => (await taskLogs(network)).requested.length === 1)
  await network.chain.mine(network.parameters.windowBlocks)

  expect(await result).toBe(42n)
  expect(await sumOf(network, dApp)).toBe(42n)
  const { settled } = await taskLogs(network)
  // Killed in the moment of the request, it can have sent its settlement before only by a miracle.
  expect(settled).toMatchObject([{ seat: BigInt(second ?? -1), rank: 1, status: 0, delivered: true }])
  await dying.restart()
})

test('a Core killed with a task in hand is started again, gets its sealed keys back, and the task is settled once', async () => {
  const dApp = await network.deploy(ADDITION)
  const [first = 0] = await ranksFor(network, dApp)
  const worker = await network.workerOf(first)
  const before = (await taskLogs(network)).settled.length
  const killed = await worker.corePid()
  const result = network.enigma('bob').call({
    ...addition(dApp, 20n, 3n),
    onProgress: (event) => {
      if (event.type === 'sent') void worker.killCore()
    },
  })
  expect(await result).toBe(23n)
  expect((await taskLogs(network)).settled.slice(before)).toMatchObject([{ seat: BigInt(first), rank: 0 }])
  // Surface may have been done with the old one; the next task needs one in any case.
  expect(await network.enigma('bob').call(addition(dApp, 1n, 1n))).toBe(2n)
  expect(await worker.corePid()).not.toBe(killed)
})
