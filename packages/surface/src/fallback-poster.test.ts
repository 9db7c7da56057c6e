import type { Block } from '@enigma/process'
import { createRecordedLog } from '@enigma/process/testing'
import type { Hex } from '@enigma/protocol'
import { expect, test } from 'vitest'
import { calls, type EpochFacts, type SeatFacts } from './chain.ts'
import { createFallbackPoster } from './fallback-poster.ts'
import type { HeldSeat } from './seat-keeper.ts'

const FACTS = { genesisBlock: 100n, epochBlocks: 60, cutBlocks: 40 }
/** Of epoch 6. */
const BOUNDARY = 460n
const CUT = 500n
const STARTED = { seed: 1n, seatCount: 3, revokedMask: 0 } satisfies EpochFacts

type State = 'pending' | 'mined' | 'reverted'

/** Three live seats, of which we hold one. */
function posterOf(own: Partial<HeldSeat> | undefined = {}) {
  const world = {
    started: undefined as EpochFacts | undefined,
    sent: new Map<string, State>(),
    data: [] as Hex[],
    dropped: [] as string[],
    asked: 0,
  }
  const held = own && ({ id: 0, activeEpoch: 2, exitEpoch: 20, block: '0', ...own } as HeldSeat)
  const post = createFallbackPoster({
    chain: {
      enigma: `0x${'ee'.repeat(20)}`,
      epoch: async () => {
        world.asked++
        return world.started
      },
      seatCount: async () => 3,
      seats: async (ids) => ids.map(() => ({ activeEpoch: 2, exitEpoch: 20 }) as SeatFacts),
    },
    facts: FACTS,
    seats: {
      held: () => held,
      epochAt: (block) => Number((block - FACTS.genesisBlock) / BigInt(FACTS.epochBlocks)),
    },
    sender: {
      find: ((topic: string) => (world.sent.has(topic) ? { state: world.sent.get(topic) } : undefined)) as never,
      drop: (topic: string) => world.dropped.push(topic) as never,
      submit: (async ({ topic, data }: { topic: string; data: Hex }) => {
        world.sent.set(topic, 'pending')
        world.data.push(data)
      }) as never,
    },
    log: createRecordedLog(),
  })
  return { ...world, world, at: (number: bigint) => post({ number } as Block) }
}

test('S6: a worker whose turn it is starts an epoch that has no seed at the cut, once', async () => {
  const { at, data, world } = posterOf()
  await at(CUT - 1n)
  expect(data).toEqual([])
  expect(world.asked).toBe(0)
  await at(CUT)
  await at(CUT + 1n)
  expect(data).toEqual([calls.postFallbackSeed(6)])
})

test('S6: the others come two blocks after one another, each epoch from another seat on', async () => {
  for (const [id, turn] of [
    [1, 1n],
    [2, 2n],
  ] as const) {
    const { at, data } = posterOf({ id })
    await at(CUT + 2n * turn - 1n)
    expect(data).toEqual([])
    await at(CUT + 2n * turn)
    expect(data).toHaveLength(1)
  }
  const { at, data } = posterOf({ id: 1 })
  await at(CUT + 60n) // epoch 7 begins with seat 1
  expect(data).toEqual([calls.postFallbackSeed(7)])
})

test('an epoch that has a seed is left alone, and not asked for again', async () => {
  const { at, world } = posterOf()
  world.started = STARTED
  for (let block = CUT; block < CUT + 5n; block++) await at(block)
  expect(world.data).toEqual([])
  expect(world.asked).toBe(1)
})

test.each([
  ['without a seat', undefined],
  ['whose seat is not live yet', { activeEpoch: 7 }],
  ['whose seat has left', { exitEpoch: 6 }],
  ['whose seat was ended', { ended: 'revoked' as const }],
])('a worker %s leaves it to the others', async (_, own) => {
  const { at, data } = posterOf(own === undefined ? (null as never) : own)
  for (let block = CUT; block < BOUNDARY + 60n; block++) await at(block)
  expect(data).toEqual([])
})

test('what could only be mined in the next epoch is not sent', async () => {
  const late = posterOf()
  await late.at(BOUNDARY + 59n)
  expect(late.data).toEqual([])
  const last = posterOf()
  await last.at(BOUNDARY + 58n)
  expect(last.data).toHaveLength(1)
})

test('what failed is tried three times, and no more', async () => {
  const { at, world } = posterOf()
  for (let block = CUT; block < CUT + 9n; block++) {
    await at(block)
    for (const topic of world.sent.keys()) world.sent.set(topic, 'reverted')
  }
  expect(world.data).toHaveLength(3)
})

test('what still waits is called back once somebody else was faster, or the epoch is over', async () => {
  const faster = posterOf()
  await faster.at(CUT)
  faster.world.started = STARTED
  await faster.at(CUT + 1n)
  expect(faster.dropped).toEqual(['fallback:6:0'])
  const over = posterOf()
  await over.at(CUT)
  await over.at(BOUNDARY + 60n)
  expect(over.dropped).toEqual(['fallback:6:0'])
})
