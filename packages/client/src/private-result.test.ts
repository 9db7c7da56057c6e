/** Results for the caller alone, sealed by the worker to the key that came with the arguments. */
import { bytesToHex, type Hex, hexToBytes, replyContext, sealReply } from '@enigma/protocol'
import { decodeAbiParameters, encodeAbiParameters, getAbiItem, keccak256, parseAbi } from 'viem'
import { afterAll, beforeAll, describe, expect, expectTypeOf, test, vi } from 'vitest'
import { additionAbi } from '../../../examples/addition/abi.ts'
import { privateTokenAbi } from '../../../examples/private-token/abi.ts'
import { createReplyKey, type Enigma, openPrivateResult, type ProgressEvent, type RequestedTask } from './index.ts'
import type { Answer } from './testing/fake-worker.ts'
import { openNetworkSecret } from './testing/network-secret.ts'
import { startWorld, type World } from './testing/world.ts'

const OWNER = '0x00000000000000000000000000000000000000aa'
const SECRET_KEY: Hex = `0x${'5e'.repeat(32)}`

let world: World
beforeAll(async () => {
  world = await startWorld()
  await openNetworkSecret(world).makeGeneration()
})
afterAll(() => world?.stop())

const balance = () =>
  ({ address: world.privateToken, abi: privateTokenAbi, functionName: 'balanceOf', args: [OWNER] }) as const
const word = (value: bigint) => encodeAbiParameters([{ type: 'uint256' }], [value])
/** As `balanceOf(owner, replyKey)` answers. */
const told =
  (message: Hex, change: (answer: NonNullable<Answer['reply']>) => Partial<Answer> = () => ({})) =>
  (args: Hex): Answer => {
    const [, key] = decodeAbiParameters([{ type: 'address' }, { type: 'bytes32' }], args)
    const reply = { key, message }
    return { reply, ...change(reply) }
  }
const serving = (compute: (args: Hex) => Answer) => (event: ProgressEvent) => {
  if (event.type === 'requested') void world.serve(event.taskId, compute)
}

describe('call with a private result', () => {
  test('leaves `replyKey` out, opens `reply` and returns the value, typed', async () => {
    const { enigma, wire } = await world.enigma()
    const call = { ...balance(), privateResult: 'uint256', onProgress: serving(told(word(0x5ec2e7n))) } as const
    const value = await enigma.call(call)
    expectTypeOf(value).toEqualTypeOf<bigint>()
    expect(value).toBe(0x5ec2e7n)
    expect(wire.sent).toHaveLength(1)
  })

  test('gives several values as a list, and bytes as they are', async () => {
    const { enigma } = await world.enigma()
    const onProgress = serving(told(`${word(7n)}${word(BigInt(OWNER)).slice(2)}`))
    const two = await enigma.call({ ...balance(), privateResult: 'uint256 price, address winner', onProgress })
    expectTypeOf(two).toEqualTypeOf<readonly [bigint, Hex]>()
    expect(two.map(String).map((text) => text.toLowerCase())).toEqual(['7', OWNER])
    const raw = await enigma.call({ ...balance(), privateResult: true, onProgress: serving(told('0xbeef')) })
    expectTypeOf(raw).toEqualTypeOf<Hex>()
    expect(raw).toBe('0xbeef')
  })

  test('picks `reply` out of several outputs', async () => {
    const { enigma } = await world.enigma()
    const change = { owner: OWNER, before: keccak256('0x'), sealedBalance: '0x' } as const
    const { outputs } = getAbiItem({ abi: privateTokenAbi, name: 'transfer' })
    const outputOf = (reply: Hex) => encodeAbiParameters(outputs, [change, change, 0n, reply])
    const compute = (args: Hex): Answer => ({
      reply: { key: `0x${args.slice(130, 194)}`, message: word(1n), outputOf },
    })
    const call = { ...balance(), functionName: 'transfer', args: [OWNER, 3n], callbackGas: 300_000 } as const
    expect(await enigma.call({ ...call, privateResult: 'bool', onProgress: serving(compute) })).toBe(true)
  })

  test('asks the wallet once for all calls of a session; a given key asks it never', async () => {
    const local = await world.user()
    const signTypedData = vi.fn(local.signTypedData)
    const { enigma } = await world.enigma({ account: { ...local, signTypedData } as never })
    const seen: Hex[] = []
    const onProgress = serving((args) => {
      seen.push(`0x${args.slice(66, 130)}`)
      return told(word(1n))(args)
    })
    const call = { ...balance(), privateResult: 'uint256', onProgress } as const
    await enigma.call({ ...call, replyKeyPair: { secretKey: SECRET_KEY } })
    expect(signTypedData).not.toHaveBeenCalled()
    await Promise.all([enigma.call(call), enigma.call(call)])
    const { publicKey } = await enigma.replyKeyPair()
    expect(seen).toEqual([(await createReplyKey(SECRET_KEY)).publicKey, publicKey, publicKey])
    expect(signTypedData).toHaveBeenCalledTimes(1)
  })

  test('opens with the key that the client was made with, and asks no wallet', async () => {
    const local = await world.user()
    const signTypedData = vi.fn(local.signTypedData)
    const account = { ...local, signTypedData } as never
    const { enigma } = await world.enigma({ account, replyKeyPair: { secretKey: SECRET_KEY } })
    expect(await enigma.call({ ...balance(), privateResult: 'uint256', onProgress: serving(told(word(4n))) })).toBe(4n)
    expect((await enigma.replyKeyPair()).exportSecret()).toBe(SECRET_KEY)
    expect(signTypedData).not.toHaveBeenCalled()
  })

  test('encrypt, requestTask and waitForResult do it step by step, also after a reload', async () => {
    const { enigma } = await world.enigma()
    const task = await requested(enigma)
    await world.serve(task.taskId, told(word(9n)))
    const value = await enigma.waitForResult(task)
    expectTypeOf(value).toEqualTypeOf<bigint>()
    expect(value).toBe(9n)
    // With as much as was kept: the key comes from the wallet again.
    const { taskId, createdBlock } = task
    const kept = {
      taskId,
      createdBlock,
      abi: privateTokenAbi,
      functionName: 'balanceOf',
      privateResult: 'uint256',
    } as const
    expect(await enigma.waitForResult(kept)).toBe(9n)
  })

  test('S21: the answer stands on chain sealed, and as text in no error', async () => {
    const { enigma } = await world.enigma()
    const message = word(0x5ec2e7_5ec2e7_5ec2e7n)
    const call = { ...balance(), privateResult: 'uint8[]', onProgress: serving(told(message)) } as const
    const error = await enigma.call(call).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'UNDECODABLE_REPLY' })
    expect(`${(error as Error).stack}${JSON.stringify(error)}`).not.toContain('5ec2e7')
  })

  test('S9: an answer that was sealed for another task, or to another key, does not open', async () => {
    const { enigma } = await world.enigma()
    const { publicKey } = await createReplyKey()
    const forged = [
      told(word(1n), (reply) => ({ reply: { ...reply, taskId: word(1n) } })),
      told(word(1n), (reply) => ({ reply: { ...reply, key: publicKey } })),
      told(word(1n), (reply) => ({
        reply: { ...reply, outputOf: () => encodeAbiParameters([{ type: 'bytes' }], ['0x']) },
      })),
    ]
    for (const compute of forged) {
      const asked = enigma.call({ ...balance(), privateResult: 'uint256', onProgress: serving(compute) })
      await expect(asked).rejects.toMatchObject({ code: 'REPLY_NOT_OPENED' })
    }
  })

  async function requested(enigma: Enigma) {
    const workers = await enigma.verifyWorkers({ dApp: world.privateToken })
    const sealed = await enigma.encrypt({ ...balance(), privateResult: 'uint256', workers })
    const task = await enigma.requestTask(sealed)
    expectTypeOf(task).toEqualTypeOf<RequestedTask<typeof privateTokenAbi, 'balanceOf', 'uint256'>>()
    return task
  }
})

describe('refused before anything is sent', () => {
  const abi = parseAbi([
    'function noOutput(uint256 n, bytes32 replyKey) view returns (bytes answer)',
    'function otherType(uint256 n, uint256 replyKey) view returns (bytes reply)',
    'function notLast(bytes32 replyKey, uint256 n) view returns (bytes reply)',
  ])

  test.each(['noOutput', 'otherType', 'notLast'] as const)(
    'a function outside the convention: %s',
    async (functionName) => {
      const { enigma, wire } = await world.enigma()
      const call = { address: world.privateToken, abi, functionName, args: [1n], privateResult: 'uint256' }
      await expect(enigma.call(call as never)).rejects.toMatchObject({
        code:
          functionName === 'notLast'
            ? expect.stringMatching(/NO_PRIVATE_RESULT|UNKNOWN_FUNCTION/)
            : 'NO_PRIVATE_RESULT',
      })
      expect(wire.sent).toEqual([])
    },
  )

  test('a function that is not in the ABI, a type that is none, a wrong number of arguments', async () => {
    const { enigma, wire } = await world.enigma()
    const refused = async (more: object) => enigma.call({ ...balance(), privateResult: 'uint256', ...more } as never)
    await expect(refused({ functionName: 'nothing' })).rejects.toMatchObject({ code: 'UNKNOWN_FUNCTION' })
    await expect(refused({ privateResult: 'uint257x' })).rejects.toMatchObject({ code: 'ABI_TYPE' })
    await expect(refused({ args: [] })).rejects.toMatchObject({ code: 'ARGUMENTS' })
    await expect(refused({ replyKeyPair: { secretKey: '0x12' } })).rejects.toMatchObject({ name: /./ })
    expect(wire.sent).toEqual([])
  })

  test('types know which functions keep to the convention', async () => {
    const { enigma } = await world.enigma()
    type Call = typeof enigma.call
    const typed = (call: Call) => {
      // @ts-expect-error `withdraw` has no `replyKey`
      void call({ ...balance(), functionName: 'withdraw', args: [1n], privateResult: 'uint256' })
      // @ts-expect-error the key is the client's to fill in
      void call({ ...balance(), args: [OWNER, SECRET_KEY], privateResult: 'uint256' })
      // @ts-expect-error it has one argument
      void call({ ...balance(), args: [], privateResult: 'uint256' })
      // @ts-expect-error Addition has none at all
      void call({ address: OWNER, abi: additionAbi, functionName: 'add', args: [1n], privateResult: 'uint256' })
    }
    expect(typed).toBeTypeOf('function')
  })
})

describe('openPrivateResult', () => {
  const task = { taskId: word(1n), dApp: OWNER, networkHash: word(2n) } as const

  async function sealed(message: Hex) {
    const { publicKey: recipient } = await createReplyKey(SECRET_KEY)
    return sealReply({ recipient, context: replyContext(task), message: hexToBytes(message) })
  }

  test('opens with a secret that was kept, as bytes or hex, and types the value', async () => {
    const reply = await sealed(word(5n))
    const value = await openPrivateResult({ reply, keyPair: { secretKey: SECRET_KEY }, abiType: 'uint256', ...task })
    expectTypeOf(value).toEqualTypeOf<bigint>()
    expect(value).toBe(5n)
    const keyPair = { secretKey: hexToBytes(SECRET_KEY) }
    expect(await openPrivateResult({ reply: bytesToHex(reply), keyPair, ...task })).toBe(word(5n))
  })

  test.each([
    ['another task', { taskId: word(3n) }],
    ['another dApp', { dApp: '0x00000000000000000000000000000000000000bb' }],
    ['another network', { networkHash: word(3n) }],
    ['another key', { keyPair: { secretKey: `0x${'11'.repeat(32)}` } }],
    ['bytes that are no envelope', { reply: '0x0102' }],
  ] as const)('S9: does not open for %s', async (_, other) => {
    const keyPair = { secretKey: SECRET_KEY }
    const asked = openPrivateResult({ reply: await sealed(word(5n)), keyPair, abiType: 'uint256', ...task, ...other })
    await expect(asked).rejects.toMatchObject({ code: 'REPLY_NOT_OPENED' })
  })

  test('refuses a type that is none, and what does not decode', async () => {
    const reply = await sealed('0x01')
    const keyPair = { secretKey: SECRET_KEY }
    const open = (abiType: string) => openPrivateResult({ reply, keyPair, abiType, ...task })
    await expect(open('uint256x,')).rejects.toMatchObject({ code: 'ABI_TYPE' })
    await expect(open('uint256')).rejects.toMatchObject({ code: 'UNDECODABLE_REPLY' })
  })
})
