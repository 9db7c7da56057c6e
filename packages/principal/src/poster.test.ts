import type { Block } from '@enigma/process'
import { createRecordedLog } from '@enigma/process/testing'
import type { Hex } from '@enigma/protocol'
import { expect, test } from 'vitest'
import { createPoster } from './poster.ts'
import type { SeedRecord } from './seeds.ts'

/** Of epoch 6. */
const BOUNDARY = 460n
const CUT = 500n
const ANCHOR: Hex = `0x${'aa'.repeat(32)}`

/** Nothing was posted yet; the seed of epoch 6 is drawn. */
function posterOf({ cutBlocks = 40, seats = 3n } = {}) {
  const world = {
    started: undefined as { isFallback: boolean } | undefined,
    sent: new Map<string, string>(),
    dropped: [] as string[],
    log: createRecordedLog(),
  }
  const record = { epoch: 6, anchor: ANCHOR, signature: '0x01', seed: '0x02' } satisfies SeedRecord
  const poster = createPoster({
    chain: {
      enigma: `0x${'ee'.repeat(20)}`,
      header: async (number: bigint) => ({ number, hash: ANCHOR, rlp: new Uint8Array() }) as never,
      startedEpoch: async () => world.started,
      seatCountAt: async () => seats,
      postSeed: () => '0x5eed',
      postFallbackSeed: () => '0xfa11',
    },
    grid: { genesisBlock: 100n, epochBlocks: 60, cutBlocks },
    source: { draw: async () => undefined, proofOf: (signature) => signature },
    seeds: { find: (epoch: number) => (epoch === 6 ? record : undefined) } as never,
    sender: {
      find: ((topic: string) => (world.sent.has(topic) ? { state: world.sent.get(topic) } : undefined)) as never,
      drop: (topic: string) => world.dropped.push(topic) as never,
      rollback: () => {},
      submit: (async ({ topic }: { topic: string }) => {
        world.sent.set(topic, 'pending')
        return { nonce: 0 }
      }) as never,
    },
    log: world.log,
  })
  return { world, at: (number: bigint) => poster.tick({ number } as Block) }
}

const topics = ({ sent }: { sent: Map<string, string> }) => [...sent.keys()]

test('S6: a seed that waits at the cut is called back, and none is sent any more', async () => {
  const { at, world } = posterOf()
  await at(CUT - 1n)
  expect(topics(world)).toEqual([`seed:6:${ANCHOR}:0`])
  await at(CUT)
  await at(CUT + 1n)
  expect(new Set(world.dropped)).toEqual(new Set(topics(world)))
  expect(topics(world)).toHaveLength(1)
  expect(world.log.events().filter((event) => event === 'seed-missed')).toHaveLength(1)
})

test('S6: the fallback is left to two workers first, and sent once', async () => {
  const { at, world } = posterOf()
  await at(CUT + 3n)
  expect(topics(world)).toEqual([])
  await at(CUT + 4n)
  await at(CUT + 5n)
  expect(topics(world)).toEqual(['fallback:6:0'])
})

test('where the epoch ends before that, it comes in its last block', async () => {
  const { at, world } = posterOf({ cutBlocks: 56 })
  await at(BOUNDARY + 57n)
  expect(topics(world)).toEqual([])
  await at(BOUNDARY + 58n)
  expect(topics(world)).toEqual(['fallback:6:0'])
  const late = posterOf()
  await late.at(BOUNDARY + 59n)
  expect(topics(late.world)).toEqual([])
})

test('a fallback that failed is tried three times, and no more', async () => {
  const { at, world } = posterOf()
  for (let block = CUT + 4n; block < CUT + 12n; block++) {
    await at(block)
    for (const topic of world.sent.keys()) world.sent.set(topic, 'reverted')
  }
  expect(topics(world)).toHaveLength(3)
})

test('an epoch without seats is neither started nor missed', async () => {
  const { at, world } = posterOf({ seats: 0n })
  for (let block = CUT; block < BOUNDARY + 60n; block++) await at(block)
  expect(topics(world)).toEqual([])
  expect(world.log.events()).toEqual(['epoch-without-seats'])
})

test('S6: an epoch that workers started with a fallback was missed all the same; one with its seed was not', async () => {
  const { at, world } = posterOf()
  world.started = { isFallback: true }
  await at(CUT + 2n)
  expect(world.log.events()).toEqual(['seed-missed', 'epoch-started-with-fallback'])
  const good = posterOf()
  good.world.started = { isFallback: false }
  await good.at(CUT + 2n)
  expect(good.world.log.events()).toEqual(['epoch-started'])
})
