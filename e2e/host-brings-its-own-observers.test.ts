import { createEnigma, parseNetwork } from '@enigma/client'
import { networkHash, signerAddress } from '@enigma/protocol'
import { networkOf, startNetwork, type TestNetwork, takeSeatByHand } from '@enigma/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADDITION, addition } from './support/story.ts'

/** Whoever holds its key decides what a Core believes that was told of it. */
const OWN_OBSERVER = signerAddress(new Uint8Array(32).fill(7))

let network: TestNetwork
beforeAll(async () => {
  network = await startNetwork({ workers: 1 })
})
afterAll(() => network?.stop())

test('S25: a Core that was told of its host’s own observers quotes another network, and gets no seat', async () => {
  const told = { ...networkOf(network), observers: [OWN_OBSERVER] }
  expect(networkHash(told)).not.toBe(await network.contract.read.networkHash())
  const seats = await network.contract.read.seatCount()
  await expect(takeSeatByHand(network, 'worker-2', { told })).rejects.toThrow('WrongIdentity')
  expect(await network.contract.read.seatCount()).toBe(seats)
})

test('S25: a client that was told of other observers than its contract was sends nothing', async () => {
  const dApp = await network.deploy(ADDITION)
  const observers = [{ address: OWN_OBSERVER, url: network.network.observers[0]?.url }]
  const client = network.client('alice')
  const enigma = createEnigma({
    client,
    network: parseNetwork({ ...network.network, observers }),
    allowSimulated: true,
  })
  await expect(enigma.call(addition(dApp, 1n, 2n))).rejects.toMatchObject({ code: 'NETWORK_MISMATCH' })
  expect(await client.getTransactionCount({ address: client.account.address })).toBe(0)
})
