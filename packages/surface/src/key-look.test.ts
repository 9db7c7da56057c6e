import type { Block } from '@enigma/process'
import type { Hex } from '@enigma/protocol'
import { beforeEach, expect, test } from 'vitest'
import { holdsFinal, type Look, lookAt, missingOf } from './key-look.ts'
import type { Committed } from './key-registry.ts'
import { type HeldSeat, NEVER } from './seat-keeper.ts'
import { addressOf, hashOf } from './testing/tasks.ts'

const HEAD = { number: 100n } as Block
const committed = (byte: number): Committed => ({ commitment: hashOf(byte), seat: 0, epoch: 1 })

let seat: HeldSeat | undefined
let signer: Hex | null
let held: Hex[]
let state: Partial<Look['state']>
let commitments: Record<number, Committed>
/** Blocks of which the registry was asked, and generations. */
let asked: { blocks: Set<bigint>; generations: number[] }
let cores: number

beforeEach(() => {
  seat = { id: 3, activeEpoch: 2, exitEpoch: 20, block: '0' }
  signer = addressOf(1)
  held = []
  state = { generation: 0, minGeneration: 0, openGeneration: 1 }
  commitments = {}
  asked = { blocks: new Set(), generations: [] }
  cores = 0
})

const look = (): Promise<Look | undefined> =>
  lookAt(HEAD, {
    registry: {
      at: (block: bigint) => {
        asked.blocks.add(block)
        return {
          state: async () => state,
          generations: async (numbers: readonly number[]) => {
            asked.generations.push(...numbers)
            return numbers.map((number) => commitments[number])
          },
          heldBy: async () => [7],
        }
      },
    } as never,
    coreHost: {
      core: async () => {
        cores++
        return { info: async () => ({ signer, commitments: held }) } as never
      },
    },
    seats: { held: () => seat, epochAt: () => 5 },
  })

test('nothing is looked at without a seat, after its end, and before Core has an identity', async () => {
  seat = undefined
  expect(await look()).toBeUndefined()
  seat = { id: 3, activeEpoch: 2, exitEpoch: 5, block: '0' }
  expect(await look()).toBeUndefined()
  expect([cores, asked.blocks.size]).toEqual([0, 0])
  seat = { ...seat, exitEpoch: 6 }
  signer = null
  expect(await look()).toBeUndefined()
})

test('all is read at the head, never at a block behind it', async () => {
  expect(await look()).toMatchObject({ seat: 3, epoch: 5, heldBy: 7, signer })
  expect(asked.blocks).toEqual(new Set([100n]))
})

test.each([
  [{ generation: 0, minGeneration: 0, openGeneration: 1 }, [1]],
  [{ generation: 3, minGeneration: 2, openGeneration: 3 }, [2, 3]],
  [{ generation: 3, minGeneration: 2, openGeneration: 4 }, [2, 3, 4]],
])('of %j the generations from the first in force to the open one are wanted', async (now, generations) => {
  state = now
  expect((await look())?.wanted.map(({ generation }) => generation)).toEqual(generations)
  expect(asked.generations).toEqual(generations)
})

test.each([
  [2, true, false],
  [5, true, false],
  [6, false, false],
  [NEVER, false, true],
])(
  'a seat from epoch %i on is live in epoch 5: %s; waits for its grant: %s',
  async (activeEpoch, isLive, isWaiting) => {
    seat = { id: 3, activeEpoch, exitEpoch: 20, block: '0' }
    expect(await look()).toMatchObject({ isLive, isWaiting })
  },
)

test('missing is what has a commitment that Core lacks, be the number the same', async () => {
  state = { generation: 1, minGeneration: 1, openGeneration: 2 }
  commitments = { 1: committed(0xc1) }
  held = [hashOf(0xee)]
  const first = (await look()) as Look
  expect([missingOf(first), holdsFinal(first)]).toEqual([[1], false])
  held = [hashOf(0xc1)]
  const second = (await look()) as Look
  expect([missingOf(second), holdsFinal(second)]).toEqual([[], true])
  commitments[2] = committed(0xc2)
  const third = (await look()) as Look
  expect([missingOf(third), holdsFinal(third)]).toEqual([[2], true])
})
