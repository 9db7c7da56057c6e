import {
  bytesToHex,
  commitmentOf,
  hexToBytes,
  KIND,
  keyIdOf,
  openReply,
  parseEnvelope,
  randomOf,
  randomRoot,
  replyContext,
  type SealedParts,
  utf8,
  webCrypto,
} from '@enigma/protocol'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { address, word } from './testing/assemble.ts'
import {
  asker,
  bytesOf,
  type Calls,
  type CallsWish,
  calldata,
  contractKeys,
  LABEL,
  OWNER,
  privateCalls,
  refusal,
  sealed,
  secretOf,
} from './testing/private-world.ts'
import { NETWORK } from './testing/world.ts'

const MESSAGE = utf8('what nobody else reads')
const DOES_NOT_OPEN = { kind: 'reverted', output: refusal('DoesNotOpen()') }
const replySecret = new Uint8Array(32).fill(9)

const partsOf = (envelope: Uint8Array) => parseEnvelope(envelope) as SealedParts
const sealIn = async (calls: Calls, message = MESSAGE) => bytesOf(await calls.call('seal', calldata.data(message)))
const openIn = async (calls: Calls, envelope: Uint8Array) => calls.call('open', calldata.data(envelope))
const randomIn = async (calls: Calls) => (await calls.call('random', calldata.random)).output

let replyKey: `0x${string}`
beforeAll(async () => {
  replyKey = bytesToHex(await webCrypto.publicKey(replySecret))
})

describe('open', () => {
  test('gives what a client sealed to the contract’s key, for whom and as what he says', async () => {
    const calls = await privateCalls()
    expect(bytesOf(await openIn(calls, await sealed(calls.task, { message: MESSAGE })))).toEqual(MESSAGE)
  })

  test('gives what an earlier task sealed, of every generation in force', async () => {
    const first = await privateCalls()
    const envelope = await sealIn(first)
    const wish: CallsWish = { generations: [1, 2], books: { generation: 2 }, header: { number: 2_000n } }
    const later = await privateCalls(wish)
    expect(bytesOf(await openIn(later, envelope))).toEqual(MESSAGE)
    expect(bytesOf(await openIn(later, await sealIn(later)))).toEqual(MESSAGE)
  })

  test.each<[string, Parameters<Calls['call']>[1]]>([
    ['of another owner', calldata.data(new Uint8Array(0), address(0xbad))],
    ['under another label', calldata.data(new Uint8Array(0), OWNER, word(0xbad))],
  ])('S8: refuses data %s', async (_, asked) => {
    const calls = await privateCalls()
    const envelope = await sealed(calls.task, { message: MESSAGE })
    const owner = bytesToHex(asked.subarray(44, 64))
    const label = bytesToHex(asked.subarray(64, 96))
    expect(await calls.call('open', calldata.data(envelope, owner, label))).toMatchObject(DOES_NOT_OPEN)
  })

  test.each<[string, CallsWish]>([
    ['another dApp’s', { task: { dApp: address(0xdab2) } }],
    ['the dApp’s before its code changed', { code: Uint8Array.from([...asker, 0]) }],
    ['another chain’s', { network: { ...NETWORK, chainId: 1n } }],
    ['another network’s', { network: { ...NETWORK, enigma: address(0xe42) } }],
    ['a simulated network’s', { network: { ...NETWORK, simulated: false } }],
  ])('S8: refuses %s data, though the secret is the same', async (_, wish) => {
    const envelope = await sealIn(await privateCalls())
    const other = await privateCalls(wish)
    expect(await openIn(other, envelope)).toMatchObject(DOES_NOT_OPEN)
    expect(bytesOf(await openIn(other, await sealIn(other)))).toEqual(MESSAGE)
  })

  test('S8: refuses data of a generation that is not final yet, and of one below the least', async () => {
    const { task } = await privateCalls()
    const [old, now, open] = await Promise.all(
      [1, 2, 3].map((generation) => sealed(task, { message: MESSAGE, generation })),
    )
    const books = { generation: 2, minGeneration: 2, openGeneration: 3 }
    const calls = await privateCalls({ generations: [1, 2, 3], books })
    expect(await openIn(calls, old as Uint8Array)).toMatchObject(DOES_NOT_OPEN)
    expect(await openIn(calls, open as Uint8Array)).toMatchObject(DOES_NOT_OPEN)
    expect(bytesOf(await openIn(calls, now as Uint8Array))).toEqual(MESSAGE)
  })

  test('S18: refuses an envelope with any bit of it changed, and every one that was made up, in the same words', async () => {
    const calls = await privateCalls()
    const envelope = await sealed(calls.task, { message: MESSAGE })
    const changed = fc.tuple(fc.nat(envelope.length - 1), fc.integer({ min: 0, max: 7 })).map(([at, bit]) => {
      return envelope.with(at, (envelope[at] as number) ^ (1 << bit))
    })
    const cut = fc.nat(envelope.length - 1).map((length) => envelope.slice(0, length))
    const head = fc.constant(envelope.subarray(0, 12))
    const made = fc
      .tuple(head, fc.uint8Array({ minLength: 80, maxLength: 80 }))
      .map(([head, rest]) => Uint8Array.from([...head, ...rest]))
    const lowOrder = fc.constant(
      Uint8Array.from([...envelope.subarray(0, 12), ...new Uint8Array(32), ...envelope.subarray(44)]),
    )
    await fc.assert(
      fc.asyncProperty(fc.oneof(changed, cut, made, lowOrder, fc.uint8Array({ maxLength: 200 })), async (bytes) => {
        const gasLeft = 1_000_000n - 20_000n - 12n * BigInt(calldata.data(bytes).length / 32)
        expect(await openIn(calls, bytes)).toEqual({ ...DOES_NOT_OPEN, gasLeft })
      }),
      { numRuns: 300 },
    )
  })

  test('refuses a reply and inputs: they are no data at rest', async () => {
    const calls = await privateCalls()
    const { publicKey } = await contractKeys(calls.task, 1)
    const reply = bytesOf(await calls.call('sealTo', calldata.sealTo(publicKey, MESSAGE)))
    expect(await openIn(calls, reply)).toMatchObject(DOES_NOT_OPEN)
    expect(await openIn(calls, calls.inputs)).toMatchObject(DOES_NOT_OPEN)
  })
})

describe('seal', () => {
  test('seals to the contract key of the last generation that is final at the task’s block', async () => {
    const calls = await privateCalls({ generations: [1, 2, 3], books: { generation: 2, openGeneration: 3 } })
    const { kind, keyId } = partsOf(await sealIn(calls))
    const { publicKey } = await contractKeys(calls.task, 2)
    expect({ kind, keyId }).toEqual({ kind: KIND.data, keyId: keyIdOf(publicKey) })
  })

  test('takes what can be opened again, and no more', async () => {
    const calls = await privateCalls()
    const longest = new Uint8Array(7_932).fill(7)
    expect(bytesOf(await openIn(calls, await sealIn(calls, longest)))).toEqual(longest)
    const refused = { kind: 'reverted', output: refusal('BadCall()') }
    const longer = new Uint8Array(7_933)
    expect(await calls.call('seal', calldata.data(longer))).toMatchObject(refused)
    expect(await calls.call('sealTo', calldata.sealTo(replyKey, longer))).toMatchObject(refused)
  })
})

describe('sealTo', () => {
  test('seals to a person, who opens it as the answer of this task', async () => {
    const calls = await privateCalls()
    const envelope = bytesOf(await calls.call('sealTo', calldata.sealTo(replyKey, MESSAGE)))
    const context = replyContext({ networkHash: calls.networkHash, dApp: calls.task.dApp, taskId: calls.taskId })
    const keys = [{ publicKey: replyKey, secretKey: replySecret }]
    expect(await openReply({ envelope, context, keys })).toEqual(MESSAGE)
  })

  test('refuses a key that everybody could open, and names it', async () => {
    const calls = await privateCalls()
    for (const key of [word(0), `0x01${'00'.repeat(31)}`] as const) {
      const output = Uint8Array.from([...refusal('InvalidPublicKey(bytes32)'), ...hexToBytes(key)])
      expect(await calls.call('sealTo', calldata.sealTo(key, MESSAGE))).toMatchObject({ kind: 'reverted', output })
    }
  })
})

describe('S13: what is sealed and drawn is a function of the task and its block', () => {
  const all = async (calls: Calls) => {
    const reply = bytesOf(await calls.call('sealTo', calldata.sealTo(replyKey, MESSAGE)))
    return { data: await sealIn(calls), reply, random: await randomIn(calls) }
  }
  test('on another block of the same task keys and numbers are others; head and key id are not', async () => {
    const calls = await privateCalls()
    const fork = calls.onFork({ timestamp: 1_700_000_012n })
    expect(fork.taskId).toBe(calls.taskId)
    const [one, two] = [await all(calls), await all(fork)]
    for (const kind of ['data', 'reply'] as const) {
      const [a, b] = [partsOf(one[kind]), partsOf(two[kind])]
      expect([a.head, a.keyId]).toEqual([b.head, b.keyId])
      expect(a.enc).not.toEqual(b.enc)
      expect(a.ciphertext).not.toEqual(b.ciphertext)
    }
    expect(one.random).not.toEqual(two.random)
  })

  test('of each call of a task keys and numbers are others, also for the same message', async () => {
    const calls = await privateCalls()
    const encs = [partsOf(await sealIn(calls)), partsOf(await sealIn(calls))].map(({ enc }) => bytesToHex(enc))
    expect(new Set(encs).size).toBe(2)
    expect(await randomIn(calls)).not.toEqual(await randomIn(calls))
  })

  test('numbers are drawn from the last generation, by the count of calls that derive something', async () => {
    const calls = await privateCalls({ generations: [1, 2], books: { generation: 2 } })
    await openIn(calls, await sealed(calls.task, { message: MESSAGE, generation: 2 }))
    await sealIn(calls)
    const root = randomRoot(secretOf(2), NETWORK, { ...calls.task, generation: 2 })
    const moment = { taskId: calls.taskId, anchor: calls.view.header.hash, counter: 1 }
    expect(bytesToHex(await randomIn(calls))).toBe(randomOf(root, moment))
  })
})

describe('without keys', () => {
  test('every call reverts where the network has no final generation, or no registry', async () => {
    const unborn = await privateCalls({ books: { generation: 0, minGeneration: 0, openGeneration: 1 } })
    const output = refusal('NoGeneration()')
    expect(await unborn.call('random', calldata.random)).toMatchObject({ kind: 'reverted', output })
    expect(await openIn(unborn, new Uint8Array(0))).toMatchObject({ kind: 'reverted', output })
  })

  const codeOf = async (wish: CallsWish) => {
    const { call } = await privateCalls(wish)
    return call('random', calldata.random).then(
      ({ kind }) => kind,
      ({ code }) => code,
    )
  }

  test('S14: a Core that lacks a generation in force stays silent, be it an old one', async () => {
    const books = { generation: 2 }
    for (const generations of [[], [1], [2]]) expect(await codeOf({ generations, books })).toBe('NO_SECRET')
    expect(await codeOf({ generations: [2, 1], books })).toBe('returned')
    expect(await codeOf({ generations: [2], books: { ...books, minGeneration: 2 } })).toBe('returned')
  })

  test('S14: a secret that the chain does not name is as good as none', async () => {
    const commitments = { 1: commitmentOf(secretOf(2), NETWORK, 1) }
    expect(await codeOf({ generations: [1, 2], books: { generation: 1, commitments } })).toBe('NO_SECRET')
  })

  test('more generations than a grant hands on are refused before any is looked at', async () => {
    for (const [generation, minGeneration] of [
      [1_000, 1],
      [65, 1],
      [66, 2],
    ] as const) {
      expect(await codeOf({ books: { generation, minGeneration } })).toBe('TOO_MANY_GENERATIONS')
    }
    // Then their commitments are asked for.
    for (const [generation, minGeneration] of [
      [64, 1],
      [65, 2],
    ] as const) {
      expect(await codeOf({ books: { generation, minGeneration } })).toBeUndefined()
    }
  })
})

test('S26: nothing is derived for a foreign frame, and no count is spent on it', async () => {
  const calls = await privateCalls({ generations: [] })
  const output = refusal('ForeignFrame()')
  expect(await calls.call('random', calldata.random, false)).toMatchObject({ kind: 'reverted', output })
  expect(await calls.call('open', calldata.data(MESSAGE, OWNER, LABEL), false)).toMatchObject({ output })
})
