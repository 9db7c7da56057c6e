import { rm } from 'node:fs/promises'
import path from 'node:path'
import { eventually, startNetwork, type TestNetwork } from '@enigma/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compare, MILLIONAIRES, openClub, storeFortunes } from './support/club.ts'

let network: TestNetwork
beforeAll(async () => {
  network = await startNetwork({ workers: 1, mining: 'every-second', dApps: { millionaires: MILLIONAIRES } })
})
afterAll(() => network?.stop())

test('a network of one opens to three; the first worker is wiped, and the others compute on what was stored before', async () => {
  const { registry, chain, contract } = network
  const address = network.network.dApps.millionaires ?? '0x'
  await eventually('a first commitment', async () => BigInt((await registry.read.generation([1])).commitment) !== 0n)
  // One enclave alone: nothing may rest on its secret, and a client says so.
  const lonely = network.enigma('alice').seal({ contract: address, label: 'note', value: 1n, abiType: 'uint256' })
  await expect(lonely).rejects.toMatchObject({ code: 'NO_NETWORK_SECRET' })

  await network.addWorker()
  await network.addWorker()
  await eventually('two seats more', async () => Number(await contract.read.seatCount()) === 3)
  await network.untilGeneration(1)
  const granted = async () =>
    (
      await Promise.all(
        [1, 2].map(async (id) => registry.read.heldBy([(await contract.read.seat([BigInt(id)])).signer])),
      )
    ).every((generation) => generation === 1)
  await eventually('both hold it', granted)
  await chain.nextEpoch()
  await chain.nextEpoch()

  const club = await openClub(network, address)
  await storeFortunes(network, club, [4_200_000n, 3_900_000n, 11_300_000n])

  const [first] = network.workers
  await first?.stop()
  await rm(path.join(network.data, 'worker-1'), { recursive: true })

  expect(await compare(network, club)).toMatchObject({ richest: network.account('frank').address, counted: 3n })
}, 120_000)
