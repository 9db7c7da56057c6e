import { enigmaAbi } from '@enigma/contracts'
import { eventually, startNetwork, type TestNetwork } from '@enigma/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compare, MILLIONAIRES, openClub, storeFortunes } from './support/club.ts'
import { buildOtherCore, type OtherCore } from './support/other-core.ts'

let next: OtherCore
let network: TestNetwork
beforeAll(async () => {
  next = await buildOtherCore('the next version')
  network = await startNetwork({
    workers: 2,
    mining: 'every-second',
    dApps: { millionaires: MILLIONAIRES },
    otherMeasurements: [next.measurement],
  })
})
afterAll(async () => {
  await network?.stop()
  await next?.remove()
})

test('S14: the old version hands the secret to the next one and is revoked; the next one computes on what was stored before', async () => {
  const { registry, contract, chain } = network
  const club = await openClub(network, network.network.dApps.millionaires ?? '0x')
  await storeFortunes(network, club, [2n, 1n, 3n])

  await network.addWorker(next.program)
  await network.addWorker(next.program)
  await eventually('two seats more', async () => Number(await contract.read.seatCount()) === 4)
  const heldBy = async (id: number) => registry.read.heldBy([(await contract.read.seat([BigInt(id)])).signer])
  await eventually('both were granted it', async () => (await heldBy(2)) === 1 && (await heldBy(3)) === 1)
  await chain.nextEpoch()
  await chain.nextEpoch()

  const deployer = network.client('deployer')
  const revoke = { address: contract.address, abi: enigmaAbi, functionName: 'revokeMeasurement', chain: null } as const
  await deployer.writeContract({ ...revoke, args: [0] })
  for (const worker of network.workers.slice(0, 2)) await worker.stop()
  await chain.nextEpoch()

  expect(await compare(network, club)).toMatchObject({ richest: network.account('frank').address, counted: 3n })
}, 180_000)
