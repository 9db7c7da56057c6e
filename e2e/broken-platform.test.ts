import { enigmaAbi, keyRegistryAbi } from '@enigma/contracts'
import { eventually, startNetwork, type TestNetwork } from '@enigma/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compare, MILLIONAIRES, openClub, storeFortunes } from './support/club.ts'
import { buildOtherCore, type OtherCore } from './support/other-core.ts'

/** The runbook's steps, by the accounts that may take them: docs/runbook.md. */
let broken: OtherCore
let network: TestNetwork
beforeAll(async () => {
  broken = await buildOtherCore('the version on which somebody found a hole')
  network = await startNetwork({
    workers: 2,
    mining: 'every-second',
    dApps: { millionaires: MILLIONAIRES },
    otherMeasurements: [broken.measurement],
  })
})
afterAll(async () => {
  await network?.stop()
  await broken?.remove()
})

test('S14: a broken version is frozen out, revoked and rotated away from; data is sealed anew, and the old generation withdrawn', async () => {
  const { registry, contract, chain } = network
  const deployer = network.client('deployer')
  const govern = { address: registry.address, abi: keyRegistryAbi, chain: null } as const
  const signerOf = async (id: number) => (await contract.read.seat([BigInt(id)])).signer
  const heldBy = async (id: number) => registry.read.heldBy([await signerOf(id)])
  const address = network.network.dApps.millionaires ?? '0x'
  const old = await openClub(network, address)
  await storeFortunes(network, old, [1n, 2n, 3n])

  // It joined while it was admitted: it holds the first generation.
  await network.addWorker(broken.program)
  await eventually('its seat', async () => Number(await contract.read.seatCount()) === 3)
  await eventually('its grant', async () => (await heldBy(2)) === 1)

  // Freeze: whoever never held a secret gets none, though its seat is taken.
  await deployer.writeContract({ ...govern, functionName: 'freezeJoins', args: [true] })
  await network.addWorker()
  await eventually('a fourth seat', async () => Number(await contract.read.seatCount()) === 4)

  // Revoke: out at once.
  await deployer.writeContract({
    address: contract.address,
    abi: enigmaAbi,
    functionName: 'revokeMeasurement',
    args: [1],
    chain: null,
  })
  // Rotate: anyone may, now that code which held the secret is revoked.
  const alice = network.client('alice')
  await alice.writeContract({ ...govern, functionName: 'openGeneration' })
  await network.untilGeneration(2)
  await eventually('both holders have it', async () => (await heldBy(0)) === 2 && (await heldBy(1)) === 2)
  expect([await heldBy(2), await heldBy(3)]).toEqual([1, 0])

  // Seal anew: what is stored from now on is out of the broken version's reach. Then withdraw what it can read.
  const fresh = await openClub(network, address)
  await storeFortunes(network, fresh, [5n, 9n, 7n])
  expect(await compare(network, old)).toMatchObject({ richest: network.account('frank').address, counted: 3n })
  await deployer.writeContract({ ...govern, functionName: 'raiseMinGeneration', args: [2] })
  await chain.mine()
  expect(await compare(network, fresh)).toMatchObject({ richest: network.account('erin').address, counted: 3n })

  await deployer.writeContract({ ...govern, functionName: 'freezeJoins', args: [false] })
  await eventually('the fourth joins', async () => (await heldBy(3)) === 2)
}, 180_000)
