import { enigmaAbi } from '@enigma/contracts'
import { decodeFunctionResult, encodeErrorResult, encodeFunctionResult, type Hex, toFunctionSelector } from 'viem'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { additionAbi } from '../../../examples/addition/abi.ts'
import type { Wire } from './testing/wire.ts'
import { startWorld, type World } from './testing/world.ts'

let world: World
let wire: Wire
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world?.stop())
afterEach(() => expect(wire.sent).toEqual([]))

const EPOCH = toFunctionSelector('epoch(uint256)')
const addition = () => ({ address: world.addition, abi: additionAbi, functionName: 'add', args: [1n, 2n] }) as const

async function open(options: Parameters<World['enigma']>[0] = {}) {
  const opened = await world.enigma(options)
  wire = opened.wire
  return opened.enigma
}

/** What the contract says of epochs, but for these fields. */
function epochIs(fields: { isFallback?: boolean; isPaused?: boolean }): void {
  wire.alter('eth_call', (answer, params) => {
    const [{ data }] = params as [{ data: Hex }]
    if (!data.startsWith(EPOCH)) return answer
    const what = { abi: enigmaAbi, functionName: 'epoch' } as const
    const view = decodeFunctionResult({ ...what, data: answer as Hex })
    return encodeFunctionResult({ ...what, result: { ...view, ...fields } })
  })
}

test('S6: a client that refuses epochs with a fallback seed asks for nothing in them, and says why', async () => {
  const enigma = await open({ refuseFallbackEpochs: true })
  epochIs({ isFallback: true })
  const refusal = {
    code: 'FALLBACK_EPOCH',
    refusedBy: undefined,
    hint: expect.stringContaining('refuseFallbackEpochs'),
  }
  await expect(enigma.call(addition())).rejects.toMatchObject(refusal)
  await expect(enigma.verifyWorkers({ dApp: world.addition })).rejects.toMatchObject(refusal)
})

test('S6: it takes epochs with the beacon’s seed; and without the option, either', async () => {
  await expect(
    (await open({ refuseFallbackEpochs: true })).verifyWorkers({ dApp: world.addition }),
  ).resolves.toBeTruthy()
  const enigma = await open()
  epochIs({ isFallback: true })
  await expect(enigma.verifyWorkers({ dApp: world.addition })).resolves.toBeTruthy()
})

test('a paused network is told before anything is sealed', async () => {
  const enigma = await open()
  epochIs({ isPaused: true })
  await expect(enigma.verifyWorkers({ dApp: world.addition })).rejects.toMatchObject({ code: 'EPOCH_PAUSED', epoch: 2 })
})

test.each([
  ['FallbackRefused', 'FALLBACK_EPOCH'],
  ['EpochPaused', 'EPOCH_PAUSED'],
] as const)('what the contract refuses with %s has a name of its own: %s', async (errorName, code) => {
  const enigma = await open()
  const args = errorName === 'EpochPaused' ? [2n] : [world.addition, 2n]
  const data = encodeErrorResult({ abi: enigmaAbi, errorName, args } as Parameters<typeof encodeErrorResult>[0])
  wire.alter('eth_estimateGas', () => {
    throw Object.assign(new Error('execution reverted'), { code: 3, data })
  })
  const refusal = { code, epoch: 2, ...(code === 'FALLBACK_EPOCH' && { refusedBy: world.addition }) }
  await expect(enigma.call(addition())).rejects.toMatchObject(refusal)
})
