import { enigmaAbi } from '@enigma/contracts'
import type { Hex } from '@enigma/protocol'
import { eventually, startNetwork, type TestNetwork } from '@enigma/testing'
import { createTestClient, http, parseEther, walletActions } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADDITION, addition } from './support/story.ts'

let network: TestNetwork
beforeAll(async () => {
  network = await startNetwork({ workers: 2, observers: { count: 1, threshold: 1 } })
})
afterAll(() => network?.stop())

test('S6: the Principal goes silent: epochs start with a fallback, tasks settle, and who refuses it is told', async () => {
  const dApp = await network.deploy(ADDITION)
  await network.principal.stop()
  const current = Number(await network.contract.read.currentEpoch())
  const first = await mineToCut(current + 1)
  expect(await epochStarts(first)).toMatchObject({ isFallback: true })
  expect(await network.enigma('alice').call(addition(dApp, 1n, 2n))).toBe(3n)

  const refusing = await refusingClient('bob')
    .call(addition(dApp, 2n, 2n))
    .catch((error: unknown) => error)
  expect(refusing).toMatchObject({ code: 'FALLBACK_EPOCH', epoch: first })

  // One that refuses by itself: the contract says so before anything is paid.
  const strict = await network.deploy(ADDITION)
  await refuseAs(strict)
  const refused = await network
    .enigma('carol')
    .call(addition(strict, 3n, 3n))
    .catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'FALLBACK_EPOCH', refusedBy: strict })

  // By turns: another worker than the last time begins.
  const second = await mineToCut(first + 1)
  expect(await epochStarts(second)).toMatchObject({ isFallback: true })

  await network.principal.restart()
  const third = await network.chain.nextEpoch()
  expect(await network.contract.read.epoch([BigInt(third)])).toMatchObject({ isFallback: false })
  expect(await refusingClient('bob').call(addition(strict, 2n, 2n))).toBe(4n)
  const sent = network.logs.filter(({ process, line }) => /^worker-/.test(process) && line.includes('fallback-sent'))
  expect(sent).toHaveLength(2)
  expect(new Set(sent.map(({ process }) => process)).size).toBe(2)
})

/** Mines to the block in which the beacon's seed would be taken for the last time. */
async function mineToCut(epoch: number): Promise<number> {
  const boundary = await network.contract.read.boundaryBlock([BigInt(epoch)])
  const cut = boundary + BigInt(network.parameters.cutBlocks)
  await network.chain.mine(Number(cut - BigInt(await network.chain.blockNumber())))
  return epoch
}

async function epochStarts(epoch: number) {
  return eventually(`the start of epoch ${epoch}`, async () => {
    const found = await network.contract.read.epoch([BigInt(epoch)]).catch(() => undefined)
    return found ?? false
  })
}

function refusingClient(name: string) {
  return network.enigma(name, undefined, { refuseFallbackEpochs: true })
}

/** As a dApp would that calls `refuseFallback`. */
async function refuseAs(dApp: Hex): Promise<void> {
  const client = createTestClient({ mode: 'anvil', transport: http(network.chain.rpcUrl) }).extend(walletActions)
  await client.setBalance({ address: dApp, value: parseEther('1') })
  await client.impersonateAccount({ address: dApp })
  const { enigma } = network.network
  const call = { address: enigma, abi: enigmaAbi, functionName: 'refuseFallback', args: [true] } as const
  await client.writeContract({ ...call, account: dApp, chain: null })
}
