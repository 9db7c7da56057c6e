/** What a session keeps between two questions, and when it asks again. */
import type { Hex } from '@enigma/protocol'
import { getAbiItem, toFunctionSelector, UserRejectedRequestError } from 'viem'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createReplyKey, systemClock } from './index.ts'
import { registryAbi } from './key-registry.ts'
import { openNetworkSecret } from './testing/network-secret.ts'
import { startWorld, type World } from './testing/world.ts'

const STATE = toFunctionSelector(getAbiItem({ abi: registryAbi, name: 'state' }))

let world: World
beforeAll(async () => {
  world = await startWorld()
  const secret = openNetworkSecret(world)
  await secret.makeGeneration()
  await secret.publishKey(world.addition)
})
afterAll(() => world?.stop())

const data = () => ({ contract: world.addition, label: 'fortune', value: 41n, abiType: 'uint256' }) as const

async function openLater() {
  let nowMs = Date.now()
  const { enigma, wire } = await world.enigma({ clock: { ...systemClock, nowMs: () => nowMs } })
  const later = () => {
    nowMs += 60_000
  }
  return { enigma, wire, later }
}

test('S25: a chain that the RPC has gone over to is not asked for keys', async () => {
  const { enigma, wire, later } = await openLater()
  await enigma.seal(data())
  wire.alter('eth_chainId', () => '0x1')
  await enigma.seal(data())
  later()
  await expect(enigma.seal(data())).rejects.toMatchObject({ code: 'WRONG_CHAIN' })
})

test('a node that lags does not take it back to the generation before', async () => {
  const { enigma, wire, later } = await openLater()
  const second = `0x${'0'.repeat(63)}2`
  wire.alter('eth_call', (answer, params) => {
    const [{ data }] = params as [{ data: Hex }]
    return data === STATE ? `${second}${(answer as Hex).slice(66)}` : answer
  })
  await expect(enigma.seal(data())).rejects.toMatchObject({ code: 'NO_CONTRACT_KEY' })
  wire.alter('eth_call', (answer) => answer)
  later()
  await expect(enigma.seal(data())).rejects.toMatchObject({ code: 'NO_CONTRACT_KEY' })
})

test('what failed is asked anew: code, network, and a user who said no', async () => {
  const local = await world.user()
  const signTypedData = vi.fn(local.signTypedData)
  signTypedData.mockRejectedValueOnce(new UserRejectedRequestError(new Error('no')))
  const { enigma, wire } = await world.enigma({ account: { ...local, signTypedData } as never })
  wire.loseNext('eth_getCode', 'request')
  await expect(enigma.seal(data())).rejects.toMatchObject({ code: 'CHAIN' })
  wire.loseNext('eth_getStorageAt', 'request')
  await expect(enigma.seal(data())).rejects.toMatchObject({ code: 'CHAIN' })
  expect(await enigma.seal(data())).toMatch(/^0x010102/)
  await expect(enigma.replyKeyPair()).rejects.toMatchObject({ code: 'USER_REJECTED' })
  expect((await enigma.replyKeyPair()).publicKey).toMatch(/^0x/)
  expect(signTypedData).toHaveBeenCalledTimes(2)
})

test('a key of the caller’s own stands in for the one that the wallet makes', async () => {
  const secretKey: Hex = `0x${'5e'.repeat(32)}`
  const local = await world.user()
  const signTypedData = vi.fn(local.signTypedData)
  const account = { ...local, signTypedData } as never
  const { enigma } = await world.enigma({ account, replyKeyPair: { secretKey } })
  expect((await enigma.replyKeyPair()).publicKey).toBe((await createReplyKey(secretKey)).publicKey)
  expect(signTypedData).not.toHaveBeenCalled()
})
