import { TaskReorganisedError } from '@enigma/client'
import { eventually, startNetwork, type TestNetwork } from '@enigma/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADDITION, addition, sumOf, taskLogs } from './support/story.ts'

let network: TestNetwork
beforeAll(async () => {
  network = await startNetwork({ workers: 3 })
})
afterAll(() => network?.stop())

test('S20: the chain reorganises a task away: nothing is paid, nothing is settled, and the next task is served', async () => {
  const dApp = await network.deploy(ADDITION)
  const { address } = network.account('alice')
  const enigma = network.enigma('alice')
  const before = await network.contract.read.slot([address, 0])
  await network.chain.mine(3)
  await network.chain.mineByHand()

  const result = enigma.call(addition(dApp, 1n, 1n)).catch((error: unknown) => error)
  await eventually('the request in the pool', async () => (await network.chain.waiting('requestTask')) === 1)
  await network.chain.mine()
  const [gone] = (await taskLogs(network)).requested
  // The selected worker has computed it, and its settlement waits for a block that this branch will not have.
  await eventually('a settlement in the pool', async () => (await network.chain.waiting('settle')) === 1)
  await network.chain.reorganise(2)
  await network.chain.mineEachTransaction()
  await network.chain.mine(2)

  expect(await result).toBeInstanceOf(TaskReorganisedError)
  const after = await taskLogs(network)
  expect(after.requested.map(({ taskId }) => taskId)).not.toContain(gone?.taskId)
  expect(after.settled).toEqual([])
  expect(await network.contract.read.slot([address, 0])).toEqual(before)

  expect(await enigma.call(addition(dApp, 3n, 4n))).toBe(7n)
  expect(await sumOf(network, dApp)).toBe(7n)
  expect((await taskLogs(network)).settled).toHaveLength(1)
})
