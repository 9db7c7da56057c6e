import type { Block } from '@enigma/process'
import type { Hex } from '@enigma/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import type { KeyRegistry, RegistryEvent } from './key-registry.ts'
import { createRequests, type Requests } from './key-requests.ts'
import { addressOf, hashOf } from './testing/tasks.ts'

let events: RegistryEvent[]
let waiting: Map<number, Hex>
let published: Set<Hex>
let asked: [bigint, bigint][]
let requests: Requests

beforeEach(() => {
  events = []
  waiting = new Map()
  published = new Set()
  asked = []
  const registry = {
    events: async (from: bigint, to: bigint) => {
      asked.push([from, to])
      return events.filter(({ block }) => from <= block && block <= to)
    },
    at: () => ({
      joinKeys: async (seats: number[]) => seats.map((seat) => waiting.get(seat)),
      arePublished: async (keys: { codeHash: Hex }[]) => keys.map(({ codeHash }) => published.has(codeHash)),
    }),
  } as unknown as KeyRegistry
  requests = createRequests(registry)
})

const headAt = (number: number): Block => ({ number: BigInt(number) }) as Block
const joined = (seat: number, byte: number, block: number): RegistryEvent => ({
  ...{ name: 'JoinRequested', seat, joinKey: hashOf(byte), r: hashOf(1), vs: hashOf(2), block: BigInt(block) },
})
const granted = (joinKey: Hex, donorSeat: number, block: number): RegistryEvent => ({
  ...{ name: 'KeyGranted', seat: 3, donorSeat, generation: 1, joinKey, ciphertext: '0x01', block: BigInt(block) },
})
const wanted = (byte: number, generation: number): RegistryEvent => ({
  ...{ name: 'KeyRequested', dApp: addressOf(9), codeHash: hashOf(byte), generation, block: 5n },
})

describe('events are read', () => {
  test('512 blocks back at the start, then from 16 blocks before the head that was seen last', async () => {
    for (const head of [1_000, 1_001, 1_005]) await requests.look(headAt(head))
    expect(asked).toEqual([
      [488n, 1_000n],
      [984n, 1_001n],
      [985n, 1_005n],
    ])
  })

  test('from a range that exists where the head goes back, and from block 0 on where the chain is young', async () => {
    for (const head of [10, 1_000, 900]) await requests.look(headAt(head))
    expect(asked).toEqual([
      [0n, 10n],
      [488n, 1_000n],
      [884n, 900n],
    ])
  })
})

describe('who waits', () => {
  test('is who asked and has that key on chain', async () => {
    events = [joined(3, 0x33, 5), joined(4, 0x44, 6), joined(5, 0x55, 7)]
    waiting = new Map([
      [3, hashOf(0x33)],
      [4, hashOf(0xee)],
    ])
    await requests.look(headAt(10))
    expect(await requests.waiting(headAt(10))).toMatchObject([{ seat: 3, joinKey: hashOf(0x33) }])
  })

  test('S20: waits again when a reorganisation takes its grant, however long ago it asked', async () => {
    events = [joined(3, 0x33, 5)]
    await requests.look(headAt(10))
    expect(await requests.waiting(headAt(10))).toEqual([])
    waiting.set(3, hashOf(0x33))
    await requests.look(headAt(300))
    expect(await requests.waiting(headAt(300))).toHaveLength(1)
  })

  test('S20: is forgotten where a reorganisation took the request', async () => {
    events = [joined(3, 0x33, 95)]
    waiting.set(3, hashOf(0x33))
    await requests.look(headAt(100))
    events = []
    await requests.look(headAt(101))
    expect(await requests.waiting(headAt(101))).toEqual([])
  })

  test('asks again after 512 blocks', async () => {
    events = [joined(3, 0x33, 5)]
    waiting.set(3, hashOf(0x33))
    await requests.look(headAt(10))
    for (const [head, count] of [
      [517, 1],
      [518, 0],
    ] as const)
      expect(await requests.waiting(headAt(head))).toHaveLength(count)
  })
})

describe('a grant', () => {
  test('is found by the key that was asked under, for that seat alone', async () => {
    events = [granted(hashOf(0x33), 1, 8)]
    await requests.look(headAt(10))
    expect(requests.grantOf(3, hashOf(0x33))).toMatchObject({ donorSeat: 1 })
    expect([requests.grantOf(4, hashOf(0x33)), requests.grantOf(3, hashOf(0x34))]).toEqual([undefined, undefined])
  })

  test('S20: gives way to the one that a reorganisation put in its place', async () => {
    events = [granted(hashOf(0x33), 1, 98)]
    await requests.look(headAt(100))
    events = []
    await requests.look(headAt(101))
    expect(requests.grantOf(3, hashOf(0x33))).toBeUndefined()
    events = [granted(hashOf(0x33), 2, 102)]
    await requests.look(headAt(102))
    expect(requests.grantOf(3, hashOf(0x33))).toMatchObject({ donorSeat: 2 })
  })
})

describe('keys of dApps', () => {
  test('are those of given generations that nobody published yet', async () => {
    events = [wanted(0x61, 1), wanted(0x62, 1), wanted(0x63, 2)]
    published.add(hashOf(0x62))
    await requests.look(headAt(10))
    expect(await requests.unpublished(headAt(10), [1])).toEqual([
      { dApp: addressOf(9), codeHash: hashOf(0x61), generation: 1 },
    ])
  })

  test('are looked at 32 at a time, the oldest first, however many are asked for', async () => {
    const many = Array.from({ length: 100 }, (_, index) => wanted(index, 1))
    events = many
    await requests.look(headAt(10))
    const first = await requests.unpublished(headAt(10), [1])
    expect(first).toHaveLength(32)
    for (const { codeHash } of first) published.add(codeHash)
    await requests.unpublished(headAt(11), [1])
    expect((await requests.unpublished(headAt(11), [1]))[0]?.codeHash).toBe(hashOf(32))
  })

  test('make room for later ones beyond 1,024', async () => {
    events = Array.from({ length: 1_025 }, (_, index) => wanted(1, index + 1))
    await requests.look(headAt(10))
    expect(await requests.unpublished(headAt(10), [1])).toEqual([])
    expect(await requests.unpublished(headAt(10), [2, 1_025])).toHaveLength(2)
  })
})
