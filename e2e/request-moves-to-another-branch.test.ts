import type { Hex } from '@enigma/protocol'
import { eventually, startNetwork, type TestNetwork } from '@enigma/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADDITION, addition, ranksFor, sumOf, taskLogs } from './support/story.ts'

let network: TestNetwork
beforeAll(async () => {
  network = await startNetwork({ workers: 3 })
})
afterAll(() => network?.stop())

type RawOf = { Method: 'eth_getRawTransactionByHash'; Parameters: [Hex]; ReturnType: Hex }
type Reorganise = { Method: 'anvil_reorg'; Parameters: [number, [Hex, number][]]; ReturnType: null }

const said = (name: string, event: string) =>
  network.logs.filter(({ process, line }) => process === name && line.includes(`"event":"${event}"`)).length

test('S20: a request comes to stand in another block of the same number: it is computed anew on that one, and settled once', async () => {
  const dApp = await network.deploy(ADDITION)
  const client = network.client('deployer')
  const [first = 0] = await ranksFor(network, dApp)
  const worker = await network.workerOf(first)
  await network.chain.mine(3)
  await network.chain.mineByHand()

  const result = network.enigma('alice').call(addition(dApp, 40n, 2n))
  await eventually('the request in the pool', async () => (await network.chain.waiting('requestTask')) === 1)
  await network.chain.mine()
  const [request] = (await taskLogs(network)).requested
  const before = await client.getBlock()
  // Computed on this branch: the settlement names the block's hash, and waits for the next one.
  await eventually('a settlement in the pool', async () => (await network.chain.waiting('settle')) === 1)

  const [hash] = before.transactions
  const raw = await client.request<RawOf>({ method: 'eth_getRawTransactionByHash', params: [hash as Hex] })
  await client.request<Reorganise>({ method: 'anvil_reorg', params: [1, [[raw, 0]]] })
  const after = await client.getBlock()
  expect([after.number, after.transactions]).toEqual([before.number, [hash]])
  expect(after.hash).not.toBe(before.hash)
  // The settlement for the lost branch can only revert; the worker sends another.
  await eventually('another settlement', () => said(worker.name, 'sent') === 2)
  await network.chain.mine(2)
  const { requested, settled } = await taskLogs(network)
  expect(requested).toMatchObject([{ taskId: request?.taskId }])
  expect(settled).toMatchObject([{ taskId: request?.taskId, seat: BigInt(first), status: 0 }])
  expect(await sumOf(network, dApp)).toBe(42n)
  expect(said(worker.name, 'computed')).toBe(2)
  await network.chain.mineEachTransaction()
  // Its client waits for the request that it sent, in whatever block.
  await result.catch(() => {})
})
