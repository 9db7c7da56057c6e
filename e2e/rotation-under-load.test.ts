import { keyRegistryAbi } from '@enigma/contracts'
import { eventually, startNetwork, type TestNetwork } from '@enigma/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Club, compare, MILLIONAIRES, openClub, storeFortunes } from './support/club.ts'
import { taskLogs } from './support/story.ts'

const CLUBS = 4

let network: TestNetwork
beforeAll(async () => {
  network = await startNetwork({ workers: 3, mining: 'every-second', dApps: { millionaires: MILLIONAIRES } })
})
afterAll(() => network?.stop())

test('the network secret is rotated under load: no task is lost, old data opens, new data is sealed by the new generation', async () => {
  const { registry } = network
  const address = network.network.dApps.millionaires ?? '0x'
  const clubs: Club[] = []
  while (clubs.length < CLUBS) {
    const club = await openClub(network, address)
    await storeFortunes(network, club, [1n, 3n, 2n])
    clubs.push(club)
  }
  const richest = network.account('erin').address

  const deployer = network.client('deployer')
  await deployer.writeContract({
    address: registry.address,
    abi: keyRegistryAbi,
    functionName: 'openGeneration',
    chain: null,
  })
  // A stream of tasks over data of the first generation, while the second one is made and handed on.
  for (const club of clubs) expect(await compare(network, club)).toMatchObject({ richest, counted: 3n })
  await network.untilGeneration(2)

  const later = await openClub(network, address)
  await storeFortunes(network, later, [1n, 3n, 2n])
  const keys = await deployer.getContractEvents({
    address: registry.address,
    abi: keyRegistryAbi,
    eventName: 'KeyPublished',
    fromBlock: 0n,
  })
  expect(keys.map(({ args }) => args.generation)).toEqual([1, 2])
  const holders = () => Promise.all(network.workers.map(({ status }) => status().secret?.missing.length === 0))
  await eventually('all hold both', async () => (await holders()).every(Boolean))
  expect(await compare(network, later)).toMatchObject({ richest, counted: 3n })

  const { requested, settled, cancelled } = await taskLogs(network)
  expect(cancelled).toEqual([])
  expect(settled).toHaveLength(requested.length)
  expect(settled.every(({ status, delivered }) => status === 0 && delivered)).toBe(true)
}, 180_000)
