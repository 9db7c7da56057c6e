import { AbortedError } from '@enigma/client'
import { eventually, startNetwork, type TestNetwork } from '@enigma/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADDITION, addition, sumOf, taskLogs } from './support/story.ts'

let network: TestNetwork
beforeAll(async () => {
  network = await startNetwork({ workers: 1 })
})
afterAll(() => network?.stop())

test('aborted before it is sent, a call costs nothing and leaves nothing on chain', async () => {
  const dApp = await network.deploy(ADDITION)
  const client = network.client('alice')
  const { address } = network.account('alice')
  const before = [await client.getBalance({ address }), await client.getTransactionCount({ address })]
  for (const moment of ['verifying', 'verified', 'encrypted'] as const) {
    const abort = new AbortController()
    const call = network.enigma('alice').call({
      ...addition(dApp, 1n, 1n),
      signal: abort.signal,
      onProgress: (event) => {
        if (event.type === moment) abort.abort()
      },
    })
    await expect(call).rejects.toBeInstanceOf(AbortedError)
  }
  expect([await client.getBalance({ address }), await client.getTransactionCount({ address })]).toEqual(before)
  expect((await taskLogs(network)).requested).toEqual([])
})

test('aborted after it is sent, a call says which task it left behind, and the task ends as any other', async () => {
  const dApp = await network.deploy(ADDITION)
  const abort = new AbortController()
  const enigma = network.enigma('alice')
  const error = await enigma
    .call({
      ...addition(dApp, 30n, 5n),
      signal: abort.signal,
      onProgress: (event) => {
        if (event.type === 'requested') abort.abort()
      },
    })
    .catch((error: unknown) => error)

  expect(error).toBeInstanceOf(AbortedError)
  const { task } = error as AbortedError
  expect(task).toBeDefined()
  if (task) expect(await enigma.waitForResult(task)).toBe(35n)
  await eventually('the callback', async () => (await sumOf(network, dApp)) === 35n)
  expect((await taskLogs(network)).settled).toHaveLength(1)
})
