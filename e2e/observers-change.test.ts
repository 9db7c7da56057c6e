import { type EnigmaNetwork, parseNetwork } from '@enigma/client'
import { enigmaAbi } from '@enigma/contracts'
import { eventually, startNetwork, startObservers, type TestNetwork } from '@enigma/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compare, MILLIONAIRES, openClub, storeFortunes } from './support/club.ts'

let network: TestNetwork
let next: Awaited<ReturnType<typeof startObservers>>
beforeAll(async () => {
  network = await startNetwork({ workers: 2, mining: 'every-second', dApps: { millionaires: MILLIONAIRES } })
  const { chain, data, logs } = network
  const where = { rpcUrl: chain.rpcUrl, chainId: network.network.chainId, data }
  next = await startObservers({ count: 2, threshold: 2 }, where, (process, line) => void logs.push({ process, line }))
})
afterAll(async () => {
  await network?.stop()
  await next?.stop()
})

/** The network as clients see it that pinned these facts. */
function pinned(facts: Partial<EnigmaNetwork>): TestNetwork {
  const own = { ...parseNetwork(network.network), ...facts }
  return { ...network, enigma: (name, url, given) => network.enigma(name, url, { ...given, network: own }) }
}

test('a network changes its observers: tasks go on, and what was stored before still opens', async () => {
  const { contract, registry, chain } = network
  await network.untilGeneration(1)
  const address = network.network.dApps.millionaires ?? '0x'
  const [club, laterClub] = [await openClub(network, address), await openClub(network, address)]
  for (const one of [club, laterClub]) await storeFortunes(network, one, [4_200_000n, 3_900_000n, 11_300_000n])
  const richest = network.account('frank').address

  const { coolEpochs } = await contract.read.parameters()
  const switchEpoch = (await contract.read.currentEpoch()) + BigInt(coolEpochs) + 5n
  const observers = next.observation.observers.map(({ address }) => address).sort()
  const announced = { observers, threshold: 2, depth: 0 }
  const governor = network.client('deployer')
  const call = { address: contract.address, abi: enigmaAbi, functionName: 'announceObservers', chain: null } as const
  const hash = await governor.writeContract({ ...call, args: [announced, switchEpoch] })
  expect(await governor.waitForTransactionReceipt({ hash })).toMatchObject({ status: 'success' })

  const formerHash = await contract.read.networkHash()
  const seatsBefore = Number(await contract.read.seatCount())
  for (let i = 0; i < 2; i++) await network.addWorker(undefined, { ...next.observation, serial: 1 })
  await eventually('two seats more', async () => Number(await contract.read.seatCount()) === seatsBefore + 2)
  const heldBy = async (seat: number) => registry.read.heldBy([(await contract.read.seat([BigInt(seat)])).signer])
  const newSeats = [seatsBefore, seatsBefore + 1]
  await eventually('the secret is theirs', async () =>
    (await Promise.all(newSeats.map(heldBy))).every((it) => it === 1),
  )
  expect(await contract.read.serial()).toBe(0n)
  expect(await compare(pinned({ next: announced }), club)).toMatchObject({ richest, counted: 3n })

  while ((await contract.read.currentEpoch()) < switchEpoch) await chain.nextEpoch()
  expect(await contract.read.serial()).toBe(1n)
  expect(await contract.read.networkHash()).not.toBe(formerHash)
  const [first, second] = network.workers
  await first?.stop()
  await second?.stop()
  await expect(compare(network, laterClub)).rejects.toMatchObject({ code: 'NETWORK_MISMATCH' })
  expect(await compare(pinned({ next: announced }), laterClub)).toMatchObject({ richest, counted: 3n })
}, 240_000)
