/** Everything that is refused is refused before anything is sent or paid: asserted on the wire. */
import { bytesToHex, type Hex, keyRegistryOf } from '@enigma/protocol'
import { numberToHex, padHex, parseGwei, toFunctionSelector } from 'viem'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { additionAbi } from '../../../examples/addition/abi.ts'
import { createEnigma, type EnigmaNetwork } from './index.ts'
import type { Wire } from './testing/wire.ts'
import { EPOCH_BLOCKS, startWorld, type World } from './testing/world.ts'

let world: World
let wire: Wire
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world?.stop())
afterEach(() => expect(wire.sent).toEqual([]))

const NOWHERE = '0x00000000000000000000000000000000000000ff'
const addition = () => ({ address: world.addition, abi: additionAbi, functionName: 'add', args: [1n, 2n] }) as const

async function open(options: Parameters<World['enigma']>[0] = {}) {
  const opened = await world.enigma(options)
  wire = opened.wire
  return opened
}
/** A dApp with this code; its storage is empty. */
async function _dAppWithCode(code: Hex): Promise<Hex> {
  const address = bytesToHex(crypto.getRandomValues(new Uint8Array(20)))
  await world.client.setCode({ address, bytecode: code })
  return address
}
const _additionCode = async () => (await world.client.getCode({ address: world.addition })) as Hex

describe('the network', () => {
  test('S15: a simulated network is refused unless the code of the dApp allows it', async () => {
    await open()
    const options = { client: world.client as never, network: world.network }
    expect(() => createEnigma(options)).toThrow(expect.objectContaining({ code: 'SIMULATED_NETWORK' }))
  })

  test('S15: a contract on simulated hardware is refused where the client expects real hardware', async () => {
    const { enigma } = await open({ network: { ...world.network, simulated: false }, allowSimulated: false })
    await expect(enigma.call(addition())).rejects.toMatchObject({ code: 'NETWORK_MISMATCH' })
  })

  test('an RPC of another chain is refused', async () => {
    const { enigma } = await open({ network: { ...world.network, chainId: 1 } })
    await expect(enigma.call(addition())).rejects.toMatchObject({ code: 'WRONG_CHAIN', found: 31337, expected: 1 })
  })

  test('a wallet that changes chains while the page is open is refused', async () => {
    const { enigma } = await open()
    await enigma.verifyWorkers({ dApp: world.addition })
    wire.alter('eth_chainId', () => '0x1')
    await expect(enigma.call(addition())).rejects.toMatchObject({ code: 'WRONG_CHAIN' })
  })

  test('a contract that has no key registry beside it is refused', async () => {
    const { enigma } = await open()
    const registry = keyRegistryOf(world.network.enigma)
    wire.alter('eth_getCode', (code, params) => ((params as [string])[0] === registry ? '0x' : code))
    await expect(enigma.call(addition())).rejects.toMatchObject({
      code: 'NO_ENIGMA',
      message: expect.stringContaining(registry),
    })
  })

  test('an address without an Enigma contract is refused', async () => {
    const { enigma } = await open({ network: { ...world.network, enigma: NOWHERE } })
    await expect(enigma.call(addition())).rejects.toMatchObject({ code: 'NO_ENIGMA' })
  })

  test.each<Partial<EnigmaNetwork>>([{ observers: [`0x${'0b'.repeat(20)}`] }, { depth: 1 }, { serial: 1 }])(
    'S25: a contract that does not name the pinned %o is refused',
    async (pinned) => {
      const { enigma } = await open({ network: { ...world.network, ...pinned } })
      await expect(enigma.call(addition())).rejects.toMatchObject({ code: 'NETWORK_MISMATCH' })
    },
  )

  test('S25: a threshold that the pinned observers cannot reach is refused', async () => {
    const { enigma } = await open({ network: { ...world.network, threshold: 2 } })
    await expect(enigma.call(addition())).rejects.toMatchObject({ code: 'INVALID_OBSERVERS' })
  })

  test('S16: a head that is far from the clock is refused', async () => {
    const { enigma } = await open({ maxClockSkewSeconds: 900 })
    wire.alter('eth_getBlockByNumber', (block) => ({ ...(block as object), timestamp: '0x1' }))
    await expect(enigma.call(addition())).rejects.toMatchObject({ code: 'CLOCK_SKEW' })
  })
})

describe('the requester', () => {
  test('S9: an account that is a contract is refused unless the user says that it is his own', async () => {
    const user = await world.user()
    await world.client.setCode({ address: user.address, bytecode: '0x00' })
    const { enigma } = await open({ account: user })
    await expect(enigma.call(addition())).rejects.toMatchObject({ code: 'SHARED_REQUESTER' })
  })

  test('an account that delegates (EIP-7702) is the user’s own', async () => {
    const user = await world.user()
    await world.client.setCode({ address: user.address, bytecode: `0xef0100${'11'.repeat(20)}` })
    const { enigma } = await open({ account: user })
    // It gets past the account, up to a fee that is too low.
    await expect(enigma.call({ ...addition(), feeGwei: 1n })).rejects.toMatchObject({ code: 'FEE_TOO_LOW' })
  })

  test('an account without money is refused', async () => {
    const { enigma, user } = await open()
    await world.client.setBalance({ address: user.address, value: 1n })
    await expect(enigma.call(addition())).rejects.toMatchObject({ code: 'INSUFFICIENT_FUNDS' })
  })
})

describe('the terms', () => {
  test('a fee below what the contract takes is refused', async () => {
    const { enigma } = await open()
    await expect(enigma.call({ ...addition(), feeGwei: 9_999n })).rejects.toMatchObject({ code: 'FEE_TOO_LOW' })
  })

  test('a fee above what the caller allows is refused', async () => {
    const { enigma } = await open()
    await expect(enigma.call({ ...addition(), maxFeeGwei: 9_999n })).rejects.toMatchObject({ code: 'FEE_TOO_HIGH' })
  })

  test('a fee that only the RPC says is due is refused above a ceiling', async () => {
    const { enigma } = await open()
    const quoteFee = toFunctionSelector('quoteFee(uint8,uint32,uint16,uint256)')
    wire.alter('eth_call', (answer, params) => {
      const [{ data }] = params as [{ data: Hex }]
      return data.startsWith(quoteFee) ? padHex(numberToHex(50_000_001n)) : answer
    })
    await expect(enigma.call(addition())).rejects.toMatchObject({ code: 'FEE_TOO_HIGH', feeGwei: 50_000_001n })
    // The caller's own word raises it: it gets as far as the price of gas, which is the next ceiling.
    wire.alter('eth_maxPriorityFeePerGas', () => numberToHex(parseGwei('201')))
    const raised = { ...addition(), maxFeeGwei: 50_000_001n }
    await expect(enigma.call(raised)).rejects.toMatchObject({ code: 'GAS_PRICE_TOO_HIGH' })
  })

  test('a price of gas above the ceiling is refused, whatever is sent', async () => {
    const { enigma } = await open({ maxGasPriceGwei: 1n })
    await expect(enigma.call(addition())).rejects.toMatchObject({ code: 'GAS_PRICE_TOO_HIGH' })
    await expect(enigma.fund({ slot: 0, amountGwei: 1n })).rejects.toMatchObject({ code: 'GAS_PRICE_TOO_HIGH' })
  })

  test.each([
    [{ callbackGas: 8_000_001 }, 'OUT_OF_LIMITS'],
    [{ outputCap: 8193 }, 'OUT_OF_LIMITS'],
    [{ gasClass: 13 }, 'INVALID_GAS_CLASS'],
  ])('%o is refused', async (terms, code) => {
    const { enigma } = await open()
    await expect(enigma.call({ ...addition(), ...terms })).rejects.toMatchObject({ code })
  })

  test('a base fee that rises while the request waits does not make its fee too low', async () => {
    const { enigma } = await open()
    const refused = new AbortController()
    let prices: bigint[] = []
    wire.before('eth_estimateGas', (params) => {
      const [{ maxFeePerGas }] = params as [{ maxFeePerGas: Hex }]
      prices = [BigInt(maxFeePerGas)]
      refused.abort()
    })
    const baseFeePerGas = 100n * 10n ** 9n
    await world.client.setNextBlockBaseFeePerGas({ baseFeePerGas })
    await world.mine(1)
    const call = { ...addition(), maxFeeGwei: 10n ** 9n, signal: refused.signal }
    await expect(enigma.call(call)).rejects.toMatchObject({ code: 'ABORTED' })
    // Three full blocks later.
    expect(prices[0]).toBeGreaterThan((baseFeePerGas * 142n) / 100n)
  })
})

describe('the epoch', () => {
  test('a network without a live seat is refused', async () => {
    const deserted = await startWorld({ workers: 1 })
    try {
      const [worker] = deserted.workers
      if (!worker) throw new Error('no worker')
      await deserted.write(worker.operator, { functionName: 'leaveSeat', args: [BigInt(worker.seat)] })
      await deserted.startEpoch(4)
      const opened = await deserted.enigma()
      wire = opened.wire
      const call = { ...addition(), address: deserted.addition }
      await expect(opened.enigma.call(call)).rejects.toMatchObject({ code: 'NO_WORKERS' })
    } finally {
      await deserted.stop()
    }
  })

  test('an epoch whose seed is not posted is refused once the grace of the one before is over', async () => {
    const { enigma } = await open()
    const block = await world.client.getBlockNumber()
    const next = (block - world.genesisBlock) / BigInt(EPOCH_BLOCKS) + 1n
    const boundary = world.genesisBlock + next * BigInt(EPOCH_BLOCKS)
    await world.mine(Number(boundary - block))
    // Within the grace, the epoch before still serves.
    expect((await enigma.verifyWorkers({ dApp: world.addition }))[0]?.draw.epoch).toBe(Number(next) - 1)
    await world.mine(10)
    await expect(enigma.call(addition())).rejects.toMatchObject({ code: 'SEED_NOT_POSTED', epoch: Number(next) })
    await world.startEpoch(Number(next))
    expect((await enigma.verifyWorkers({ dApp: world.addition }))[0]?.draw.epoch).toBe(Number(next))
  })
})
