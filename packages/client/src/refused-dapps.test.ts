/** Which dApps and functions are refused; as all refusals, before anything is sent: asserted on the wire. */
import { bytesToHex, type Hex } from '@enigma/protocol'
import { padHex } from 'viem'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
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

const NOWHERE = '0x00000000000000000000000000000000000000ff'
const addition = () => ({ address: world.addition, abi: additionAbi, functionName: 'add', args: [1n, 2n] }) as const

async function open(options: Parameters<World['enigma']>[0] = {}) {
  const opened = await world.enigma(options)
  wire = opened.wire
  return opened
}
/** A dApp with this code; its storage is empty. */
async function dAppWithCode(code: Hex): Promise<Hex> {
  const address = bytesToHex(crypto.getRandomValues(new Uint8Array(20)))
  await world.client.setCode({ address, bytecode: code })
  return address
}
const additionCode = async () => (await world.client.getCode({ address: world.addition })) as Hex

describe('the dApp', () => {
  test('an address without code is refused', async () => {
    const { enigma } = await open()
    await expect(enigma.call({ ...addition(), address: NOWHERE })).rejects.toMatchObject({ code: 'UNKNOWN_DAPP' })
  })

  test('S8: code other than the pinned one is refused', async () => {
    const { enigma } = await open()
    await expect(enigma.call({ ...addition(), codeHash: padHex('0x1') })).rejects.toMatchObject({
      code: 'CODE_CHANGED',
    })
  })

  test.each([
    ['EIP-1167', `0x363d3d373d3d3d363d73${'11'.repeat(20)}5af43d82803e903d91602b57fd5bf3`],
    ['a clone with PUSH0', `0x365f5f375f5f365f73${'11'.repeat(20)}5af43d5f5f3e5f3d91602a57fd5bf3`],
    ['EIP-7702', `0xef0100${'11'.repeat(20)}`],
  ] as const)('S8: a proxy is refused: %s', async (_, code) => {
    const { enigma } = await open()
    const address = await dAppWithCode(code)
    await expect(enigma.call({ ...addition(), address })).rejects.toMatchObject({ code: 'PROXY' })
  })

  test.each([
    ['implementation', '0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc'],
    ['beacon', '0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50'],
  ] as const)('S8: a proxy is refused: EIP-1967 with its %s slot set', async (_, index) => {
    const { enigma } = await open()
    const address = await dAppWithCode(await additionCode())
    await world.client.setStorageAt({ address, index, value: padHex(world.addition) })
    await expect(enigma.call({ ...addition(), address })).rejects.toMatchObject({ code: 'PROXY' })
  })

  test('pushed data that looks like a delegatecall makes no proxy', async () => {
    const { enigma } = await open()
    // PUSH1 0xf4, STOP: whatever else is wrong with it, it delegates to nobody.
    const address = await dAppWithCode('0x60f400')
    await expect(enigma.call({ ...addition(), address })).rejects.toMatchObject({ code: 'NOT_CALLABLE' })
  })

  test('a function that is not in the ABI is refused', async () => {
    const { enigma } = await open()
    const call = { ...addition(), functionName: 'subtract' as 'add' }
    await expect(enigma.call(call)).rejects.toMatchObject({ code: 'UNKNOWN_FUNCTION' })
  })

  test('a function that changes state is refused', async () => {
    const { enigma } = await open()
    const call = { ...addition(), functionName: 'added' as 'add', args: [1n] as never }
    await expect(enigma.call(call)).rejects.toMatchObject({ code: 'NOT_PRIVATE' })
  })

  test('a function that the dApp does not declare as callable in private is refused', async () => {
    const { enigma } = await open()
    const call = { address: world.addition, abi: additionAbi, functionName: 'sum' } as const
    await expect(enigma.call(call)).rejects.toMatchObject({ code: 'NOT_CALLABLE' })
  })

  test('an RPC that fails just then is not taken for the dApp’s answer', async () => {
    const { enigma } = await open()
    await enigma.verifyWorkers({ dApp: world.addition })
    wire.loseNext('eth_call', 'request')
    await expect(enigma.call(addition())).rejects.toMatchObject({ code: 'CHAIN' })
  })

  test('S21: arguments that do not fit are refused, without a word of them in the error', async () => {
    const { enigma } = await open()
    const args = ['my secret', 2n] as never
    const error = await enigma.call({ ...addition(), args }).catch((error: unknown) => error)
    expect(error).toMatchObject({ code: 'ARGUMENTS' })
    expect(`${error}${JSON.stringify(error)}${(error as Error).cause}`).not.toContain('my secret')
  })

  test('inputs over the stated size are refused', async () => {
    const { enigma } = await open()
    const abi = [
      {
        type: 'function',
        name: 'add',
        inputs: [{ name: 'data', type: 'bytes' }],
        outputs: [],
        stateMutability: 'view',
      },
    ] as const
    const call = { address: world.addition, abi, functionName: 'add', args: [`0x${'00'.repeat(16_384)}`] } as const
    await expect(enigma.call(call)).rejects.toMatchObject({ code: 'INPUTS_TOO_LONG' })
  })
})
