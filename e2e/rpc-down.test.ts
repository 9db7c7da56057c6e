import { eventually, startNetwork, type TestNetwork } from '@enigma/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADDITION, addition, taskLogs } from './support/story.ts'

let network: TestNetwork
beforeAll(async () => {
  network = await startNetwork({ workers: 2, faultyRpc: true })
})
afterAll(() => network?.stop())

const faults = [
  ['is gone', 'cut'],
  ['no longer answers', 'hang'],
] as const

test.each(faults)(
  'S20: the workers’ RPC %s for a while: they wait, come back by themselves, and lose no task',
  async (_, fault) => {
    const dApp = await network.deploy(ADDITION)
    const before = (await taskLogs(network)).settled.length
    const pids = network.workers.map((worker) => worker.surfacePid())
    for (const { rpc } of network.workers) rpc?.[fault]()
    const result = network.enigma('alice').call(addition(dApp, 7n, 8n))
    await eventually('the request', async () => (await taskLogs(network)).requested.length === before + 1)
    // Time passes without them; rank 0's turn is not over yet.
    await network.chain.mine(2)
    expect((await taskLogs(network)).settled).toHaveLength(before)
    for (const { rpc } of network.workers) rpc?.heal()

    expect(await result).toBe(15n)
    expect((await taskLogs(network)).settled).toHaveLength(before + 1)
    expect(network.workers.map((worker) => worker.surfacePid())).toEqual(pids)
  },
)
