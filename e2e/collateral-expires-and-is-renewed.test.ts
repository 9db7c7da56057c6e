import { dcapVerifierAbi } from '@enigma/contracts'
import { eventually, startNetwork, type TestNetwork } from '@enigma/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ADDITION, addition, ranksFor } from './support/story.ts'

const DAY = 86_400
/** Epochs so long that a month of collateral passes in fifteen of them. */
const EPOCH = 2 * DAY
const GRACE = 8 * DAY
const SEATS = [0, 1]

let network: TestNetwork
beforeEach(async () => {
  const parameters = { secondsPerEpoch: EPOCH, collateralGraceSeconds: GRACE }
  network = await startNetwork({ workers: SEATS.length, parameters })
})
afterEach(() => network?.stop())

/** Two days pass, and the workers have seen it. */
async function nextEpoch(): Promise<number> {
  const epoch = await network.chain.nextEpoch(EPOCH / network.parameters.epochBlocks)
  await eventually('workers that follow', () => network.workers.every((worker) => worker.status().epoch === epoch))
  return epoch
}
const nowSeconds = async () => Number((await network.client('deployer').getBlock()).timestamp)
const exits = async () => {
  const seats = await Promise.all(SEATS.map((seat) => network.contract.read.seat([BigInt(seat)])))
  return seats.map(({ exitEpoch }) => Number(exitEpoch))
}
/** When the first part of what the chain holds expires. */
async function heldUntil(): Promise<number> {
  const verifier = { address: network.network.attestationVerifier, abi: dcapVerifierAbi } as const
  const client = network.client('deployer')
  const [rootCrl, qeIdentity] = await Promise.all([
    client.readContract({ ...verifier, functionName: 'rootCrl' }),
    client.readContract({ ...verifier, functionName: 'qeIdentity' }),
  ])
  return Number(rootCrl.nextUpdate < qeIdentity.nextUpdate ? rootCrl.nextUpdate : qeIdentity.nextUpdate)
}

test('S16: the keeper replaces collateral before it expires, workers renew on it, and no seat is lost', async () => {
  const firstUntil = await heldUntil()
  while ((await nowSeconds()) < firstUntil + GRACE) {
    const epoch = await nextEpoch()
    // Time goes on once everybody has done what this epoch asks of him.
    await eventually('collateral that holds', async () => (await heldUntil()) - (await nowSeconds()) > 5 * DAY)
    await eventually('seats that last', async () => (await exits()).every((exit) => exit > epoch + 3))
  }
  // What was true on the first day would have expired by now, and every seat with it.
  const dApp = await network.deploy(ADDITION)
  expect(await ranksFor(network, dApp, SEATS.length)).toHaveLength(SEATS.length)
  expect(await network.enigma('alice').call(addition(dApp, 20n, 22n))).toBe(42n)
})

test('S16: where nobody keeps it fresh, renewals are refused once it has expired, and seats end within the grace', async () => {
  await network.hardware.stopService()
  const until = await heldUntil()
  while ((await nowSeconds()) <= until) await nextEpoch()
  const epoch = await nextEpoch()
  expect((await exits()).every((exit) => exit > epoch)).toBe(true)
  for (const worker of network.workers) {
    await eventually('a refused renewal', () => worker.status().seatTrouble?.code === 'ROOT_CRL_EXPIRED')
  }

  while ((await nowSeconds()) <= until + GRACE) await nextEpoch()
  await expect(ranksFor(network, await network.deploy(ADDITION), 1)).rejects.toThrow('NoLiveSeat')
})
