import { eventually, startNetwork, type TestNetwork } from '@enigma/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ADDITION, addition, taskLogs } from './support/story.ts'

let network: TestNetwork
beforeAll(async () => {
  network = await startNetwork({ workers: 2, observers: { count: 3, threshold: 2 } })
})
afterAll(() => network?.stop())
beforeEach(() => {
  for (const observer of network.observers) observer.fault = undefined
})

const faults = [
  ['are silent', 'silent', 'OBSERVERS_MISSING'],
  ['sign another branch', 'lying', 'OTHER_BRANCH'],
] as const

test.each(faults)(
  'S12: two of three observers %s: no Core computes, the workers say so, and the task is settled when one is back',
  async (_, fault, code) => {
    const dApp = await network.deploy(ADDITION)
    const before = (await taskLogs(network)).settled.length
    for (const observer of network.observers.slice(1)) observer.fault = fault
    const result = network.enigma('alice').call(addition(dApp, 7n, 8n))
    await eventually('a worker in trouble', () =>
      network.workers.some((worker) => worker.status().observersTrouble?.code === code),
    )
    expect((await taskLogs(network)).settled).toHaveLength(before)
    for (const observer of network.observers.slice(2)) observer.fault = undefined
    expect(await result).toBe(15n)
    expect((await taskLogs(network)).settled).toHaveLength(before + 1)
  },
)

test.each(faults)('S12: one of three observers %s: nobody notices', async (_, fault) => {
  const dApp = await network.deploy(ADDITION)
  for (const observer of network.observers.slice(2)) observer.fault = fault
  expect(await network.enigma('bob').call(addition(dApp, 20n, 3n))).toBe(23n)
})
