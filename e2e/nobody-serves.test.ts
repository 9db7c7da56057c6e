import { TaskNotServedError } from '@enigma/client'
import { RANKS } from '@enigma/protocol'
import { eventually, startNetwork, type TestNetwork } from '@enigma/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADDITION, addition, taskLogs } from './support/story.ts'

let network: TestNetwork
beforeAll(async () => {
  network = await startNetwork({ workers: 1 })
})
afterAll(() => network?.stop())

test('nobody serves: the whole fee comes back to the slot, and from there to its owner', async () => {
  const dApp = await network.deploy(ADDITION)
  await network.workers[0]?.stop()
  const alice = network.enigma('alice')
  const result = alice.call(addition(dApp, 1n, 2n)).catch((error: unknown) => error)
  await eventually('the request', async () => (await taskLogs(network)).requested.length === 1)
  await network.chain.mine(RANKS * network.parameters.windowBlocks)

  const error = await result
  expect(error).toBeInstanceOf(TaskNotServedError)
  const { taskId, refundGwei } = error as TaskNotServedError
  const [requested] = (await taskLogs(network)).requested
  expect(requested?.taskId).toBe(taskId)

  // By anyone: the fee goes to its owner all the same.
  const cancelled = await network.enigma('bob').cancel({ taskId, createdBlock: requested?.blockNumber ?? 0n })
  expect(cancelled.refundGwei).toBe(refundGwei)
  expect((await taskLogs(network)).cancelled).toMatchObject([{ taskId }])
  const owner = network.account('alice').address
  const slot = await network.contract.read.slot([owner, 0])
  expect(slot).toMatchObject({ pending: false, balanceGwei: refundGwei })

  const client = network.client('alice')
  const before = await client.getBalance({ address: owner })
  const { txHash } = await alice.withdraw({ slot: 0 })
  const { gasUsed, effectiveGasPrice } = await client.getTransactionReceipt({ hash: txHash })
  const after = await client.getBalance({ address: owner })
  expect(after - before + gasUsed * effectiveGasPrice).toBe(refundGwei * 1_000_000_000n)
})

test('a task that its windows have passed by is settled by nobody, however late a worker comes back', async () => {
  await network.workers[0]?.restart()
  await network.chain.mine(2)
  const dApp = await network.deploy(ADDITION)
  // It serves again; the old task stays as it ended.
  expect(await network.enigma('alice').call(addition(dApp, 2n, 2n))).toBe(4n)
  const { settled, cancelled } = await taskLogs(network)
  expect(settled).toHaveLength(1)
  expect(settled[0]?.taskId).not.toBe(cancelled[0]?.taskId)
})
