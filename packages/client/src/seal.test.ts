/** Data at rest, sealed against the real registry; what opens it is what a Core would derive. */
import type { Address, Hex } from '@enigma/protocol'
import { encodeAbiParameters, getAbiItem, stringToHex, toFunctionSelector } from 'viem'
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest'
import { privateTokenAbi } from '../../../examples/private-token/abi.ts'
import { lower } from './enigma-contract.ts'
import { type ContractKey, NoContractKeyError, type ProgressEvent, systemClock } from './index.ts'
import { registryAbi } from './key-registry.ts'
import { type NetworkSecret, openNetworkSecret } from './testing/network-secret.ts'
import type { Wire } from './testing/wire.ts'
import { startWorld, type World } from './testing/world.ts'

const LABEL = 'fortune'
const WORD = stringToHex(LABEL, { size: 32 })
const NOWHERE: Address = '0x00000000000000000000000000000000000000ff'

let world: World
let secret: NetworkSecret
beforeAll(async () => {
  world = await startWorld()
  secret = openNetworkSecret(world)
})
afterAll(() => world?.stop())

const data = (contract = world.addition) => ({ contract, label: LABEL, value: 41n, abiType: 'uint256' }) as const
const word = (value: bigint) => encodeAbiParameters([{ type: 'uint256' }], [value])
const opens = (sealed: Hex, owner: Address, more: { generation?: number; label?: Hex; dApp?: Address } = {}) =>
  secret.open(sealed, { dApp: world.addition, owner, label: WORD, ...more })
type View = 'contractKey' | 'generation'
/** Has the RPC alter what the registry's view answers. */
function alterView(wire: Wire, name: View, change: (answer: Hex) => Hex): void {
  const selector = toFunctionSelector(getAbiItem({ abi: registryAbi, name }))
  wire.alter('eth_call', (answer, params) => {
    const [call] = params as [{ data: Hex }]
    return call.data.startsWith(selector) ? change(answer as Hex) : answer
  })
}

describe('before the network has a secret', () => {
  test('nothing is sealed, and no private result is asked for', async () => {
    const { enigma, wire, user } = await world.enigma()
    const refusal = { code: 'NO_NETWORK_SECRET' }
    await expect(enigma.seal({ ...data(), requestKey: true })).rejects.toMatchObject(refusal)
    await expect(enigma.requestContractKey({ contract: world.addition })).rejects.toMatchObject(refusal)
    const call = { address: world.privateToken, abi: privateTokenAbi, functionName: 'balanceOf' } as const
    const asked = enigma.call({ ...call, args: [user.address], privateResult: 'uint256' })
    await expect(asked).rejects.toMatchObject(refusal)
    expect(wire.sent).toEqual([])
  })
})

describe('once it has one', () => {
  beforeAll(() => secret.makeGeneration().then(() => undefined))

  test('a contract whose key nobody asked for is refused, with what to do', async () => {
    const { enigma, wire } = await world.enigma()
    const error = await enigma.seal(data(world.lanes)).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(NoContractKeyError)
    expect((error as NoContractKeyError).hint).toContain('requestContractKey')
    expect(wire.sent).toEqual([])
  })

  test('asks for a key by one transaction, and waits until a worker has published it', async () => {
    const { enigma, wire } = await world.enigma()
    const events: string[] = []
    const onProgress = (event: ProgressEvent) => {
      events.push(event.type)
      if (event.type === 'keyRequested') void secret.publishKey(event.contract)
    }
    const key = await enigma.requestContractKey({ contract: world.addition, onProgress })
    expectTypeOf(key).toEqualTypeOf<ContractKey>()
    expect(key).toMatchObject({ dApp: world.addition, generation: 1 })
    expect(events).toEqual(['keyRequested', 'keyPublished'])
    expect(wire.sent).toHaveLength(1)

    // It stands there now, for all users.
    const another = await world.enigma()
    const heard: string[] = []
    expect(
      await another.enigma.requestContractKey({ contract: world.addition, onProgress: ({ type }) => heard.push(type) }),
    ).toEqual(key)
    expect([another.wire.sent, heard]).toEqual([[], []])
  })

  test('of many who ask at once nobody fails, though the key came before their question', async () => {
    const clients = await Promise.all([1, 2, 3].map(() => world.enigma()))
    let asked = 0
    const onProgress = ({ type }: ProgressEvent) => {
      if (type === 'keyRequested' && asked++ === 0) void secret.publishKey(world.loan)
    }
    const keys = clients.map(({ enigma }) => enigma.requestContractKey({ contract: world.loan, onProgress }))
    expect(new Set((await Promise.all(keys)).map(({ publicKey }) => publicKey)).size).toBe(1)

    const late = await world.enigma()
    // An RPC that lags shows no key at first; the registry refuses the question.
    let looks = 0
    alterView(late.wire, 'contractKey', (answer) => (looks++ === 0 ? word(0n) : answer))
    await late.enigma.requestContractKey({ contract: world.loan })
    expect(late.wire.sent).toEqual([])
    expect(looks).toBeGreaterThan(1)
  })

  test('a question that is mined after the key was published is no failure', async () => {
    const { enigma, wire } = await world.enigma()
    let published: Promise<Hex> | undefined
    wire.before('eth_sendRawTransaction', async () => {
      published ??= secret.publishKey(world.second)
      await published
    })
    const { publicKey } = await enigma.requestContractKey({ contract: world.second })
    expect([publicKey, wire.sent.length]).toEqual([await published, 1])
  })

  test('an RPC that shows the key before the event that proves it is asked again', async () => {
    const { enigma, wire } = await world.enigma()
    let looks = 0
    wire.alter('eth_getLogs', (logs) => (looks++ < 2 ? [] : logs))
    const onProgress = (event: ProgressEvent) => {
      if (event.type === 'keyRequested') void secret.publishKey(event.contract)
    }
    await enigma.requestContractKey({ contract: world.privateToken, onProgress })
    expect(looks).toBe(3)
  })

  test('`requestKey` asks for it on the way; an abort ends the wait', async () => {
    const { enigma, wire, user } = await world.enigma()
    const stop = new AbortController()
    const aborting = ({ type }: ProgressEvent) => type === 'keyRequested' && stop.abort()
    const waiting = enigma.seal({ ...data(world.lanes), requestKey: true, signal: stop.signal, onProgress: aborting })
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' })
    const onProgress = (event: ProgressEvent) => {
      if (event.type === 'keyRequested') void secret.publishKey(event.contract)
    }
    const sealed = await enigma.seal({ ...data(world.lanes), requestKey: true, onProgress })
    expect(await opens(sealed, lower(user.address), { dApp: world.lanes })).toBe(word(41n))
    expect(wire.sent).toHaveLength(2)
  })

  test('S9: a value opens for its contract, owner and label alone', async () => {
    const { enigma, wire, user } = await world.enigma()
    const sealed = await enigma.seal(data())
    expect(await opens(sealed, lower(user.address))).toBe(word(41n))
    expect(wire.sent).toEqual([])
    for (const other of [{ dApp: world.loan }, { label: word(1n) }, { generation: 2 }])
      await expect(opens(sealed, lower(user.address), other)).rejects.toMatchObject({ name: /Envelope/ })
    await expect(opens(sealed, NOWHERE)).rejects.toMatchObject({ name: /Envelope/ })
  })

  test('the owner may be somebody else, the label 32 bytes, the value several or none of ABI', async () => {
    const { enigma } = await world.enigma()
    const label = word(0x1abe1n)
    const parameters = { contract: world.addition, owner: NOWHERE, label } as const
    const two = await enigma.seal({ ...parameters, abiType: 'uint256 price, address to', value: [7n, NOWHERE] })
    expect(await opens(two, NOWHERE, { label })).toBe(`${word(7n)}${word(0xffn).slice(2)}`)
    const raw = await enigma.seal({ ...parameters, abiType: true, value: '0x010203' })
    expect(await opens(raw, NOWHERE, { label })).toBe('0x010203')
  })

  test('two seals of one value are different bytes, and show nothing of it', async () => {
    const { enigma } = await world.enigma()
    const value = 0x5ec2e7_5ec2e7_5ec2e7_5ec2e7n
    const [one, two] = await Promise.all([1, 2].map(() => enigma.seal({ ...data(), value })))
    expect(one).not.toBe(two)
    expect(one).toHaveLength(two?.length ?? 0)
    expect(one).not.toContain(value.toString(16))
  })

  test.each([
    ['a label of 33 bytes', { label: 'x'.repeat(33) }, 'LABEL'],
    ['a label of hex that is not 32 bytes', { label: '0x1234' }, 'LABEL'],
    ['a type that is none', { abiType: 'uint257x' }, 'ABI_TYPE'],
    ['a value that does not fit its type', { value: -5_550_001n }, 'SEALED_VALUE'],
    ['bytes that are none', { abiType: true, value: 'secret' }, 'SEALED_VALUE'],
    [
      'a value that its envelope makes too long',
      { abiType: 'bytes', value: `0x${'11'.repeat(8100)}` },
      'DATA_TOO_LONG',
    ],
    ['a value that no envelope holds', { abiType: 'bytes', value: `0x${'11'.repeat(20_000)}` }, 'DATA_TOO_LONG'],
    ['one that no envelope would hold', { abiType: 'bytes', value: `0x${'11'.repeat(100_000)}` }, 'DATA_TOO_LONG'],
    ['a contract without code', { contract: NOWHERE }, 'UNKNOWN_DAPP'],
    ['other code than the pinned one', { codeHash: word(1n) }, 'CODE_CHANGED'],
  ] as const)('refuses %s', async (_, wrong, code) => {
    const { enigma } = await world.enigma()
    const parameters = { ...data(), ...wrong } as Parameters<typeof enigma.seal<'uint256'>>[0]
    const error = await enigma.seal(parameters).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code })
    // S21: what does not fit is the secret all the same.
    expect(`${(error as Error).stack}${JSON.stringify(error)}`).not.toMatch(/5550001|secret/)
  })

  test('types hold values to their `abiType`', async () => {
    const { enigma } = await world.enigma()
    expectTypeOf(enigma.seal<'uint256'>)
      .parameter(0)
      .toHaveProperty('value')
      .toEqualTypeOf<bigint>()
    // @ts-expect-error a bigint is no address
    const wrong = enigma.seal({ ...data(), abiType: 'address', value: 41n })
    await expect(wrong).rejects.toMatchObject({ code: 'SEALED_VALUE' })
  })

  test('asks the chain nothing once the key is known', async () => {
    const { enigma, wire } = await world.enigma()
    await enigma.seal(data())
    const questions = wire.asked.length
    for (let i = 0; i < 5; i++) await enigma.seal(data())
    expect(wire.asked).toHaveLength(questions)
  })
})

describe('S18: an RPC that lies about a key', () => {
  test('by another key in its place is found out', async () => {
    const { enigma, wire } = await world.enigma()
    alterView(wire, 'contractKey', () => word(9n))
    await expect(enigma.seal(data())).rejects.toMatchObject({ code: 'CONTRACT_KEY_UNPROVEN' })
  })

  test('by another key there and in the event is found out by the signature', async () => {
    const { enigma, wire } = await world.enigma()
    const { publicKey } = await (await world.enigma()).enigma.requestContractKey({ contract: world.addition })
    alterView(wire, 'contractKey', () => word(9n))
    wire.alter('eth_getLogs', (logs) =>
      JSON.parse(JSON.stringify(logs).replaceAll(publicKey.slice(2), word(9n).slice(2))),
    )
    await expect(enigma.seal(data())).rejects.toMatchObject({ code: 'CONTRACT_KEY_UNPROVEN' })
  })

  test('by hiding the event is found out', async () => {
    const { enigma, wire } = await world.enigma()
    wire.alter('eth_getLogs', () => [])
    await expect(enigma.requestContractKey({ contract: world.addition })).rejects.toMatchObject({
      code: 'CONTRACT_KEY_UNPROVEN',
    })
    expect(wire.sent).toEqual([])
  })

  test('by another signer of the generation is found out', async () => {
    const { enigma, wire } = await world.enigma()
    const other = word(BigInt(NOWHERE)).slice(2)
    alterView(wire, 'generation', (answer) => `${answer.slice(0, 66)}${other}${answer.slice(130)}` as Hex)
    await expect(enigma.seal(data())).rejects.toMatchObject({ code: 'CONTRACT_KEY_UNPROVEN' })
  })

  test('or merely refuses to search many blocks at once, is asked for fewer', async () => {
    const { enigma, wire, user } = await world.enigma()
    await world.mine(1200)
    const spans: bigint[] = []
    wire.before('eth_getLogs', (params) => {
      const { fromBlock, toBlock } = (params as [{ fromBlock: Hex; toBlock: Hex }])[0]
      spans.push(BigInt(toBlock) - BigInt(fromBlock))
      if (BigInt(toBlock) - BigInt(fromBlock) > 1000n) throw new Error('query exceeds max block range')
    })
    expect(await opens(await enigma.seal(data()), lower(user.address))).toBe(word(41n))
    expect(spans.length).toBeGreaterThan(1)
  })
})

test('a new generation is noticed, and wants a key of its own', async () => {
  let nowMs = Date.now()
  const { enigma, user } = await world.enigma({ clock: { ...systemClock, nowMs: () => nowMs } })
  const before = await enigma.seal(data())
  expect(await secret.makeGeneration()).toBe(2)
  nowMs += 60_000
  await expect(enigma.seal(data())).rejects.toMatchObject({ code: 'NO_CONTRACT_KEY' })
  await secret.publishKey(world.addition)
  const after = await enigma.seal(data())
  expect(await opens(after, lower(user.address), { generation: 2 })).toBe(word(41n))
  expect(await opens(before, lower(user.address), { generation: 1 })).toBe(word(41n))
})
