import { RpcError } from '@enigma/process'
import { type LotterySeat, selectRanks } from '@enigma/protocol'
import { beforeEach, expect, test } from 'vitest'
import type { EpochFacts, SeatFacts } from './chain.ts'
import { createLottery } from './lottery.ts'
import { addressOf } from './testing/tasks.ts'

const FACTS: EpochFacts = { seed: 12_345n, seatCount: 20, revokedMask: 0 }
const seatAt = (id: number): LotterySeat => ({
  signer: addressOf(id + 1),
  activeEpoch: 0,
  exitEpoch: 100,
  measurementId: 0,
})
const draw = (lane: number) => ({ epoch: 3, dApp: addressOf(200), lane })

let asked: string[]
let facts: EpochFacts | undefined | Error
beforeEach(() => {
  asked = []
  facts = FACTS
})
const lottery = () =>
  createLottery({
    epoch: async (epoch) => {
      asked.push(`epoch ${epoch}`)
      if (facts instanceof Error) throw facts
      return facts
    },
    seats: async (ids) => {
      asked.push(`${ids.length} seats`)
      return ids.map(seatAt) as SeatFacts[]
    },
  })

test('finds our rank as the protocol draws it', async () => {
  const known = lottery()
  for (let lane = 0; lane < 10; lane++) {
    const ranks = await selectRanks({ epoch: 3, ...FACTS }, addressOf(200), lane, async (id) => seatAt(id))
    for (const [rank, { seat, signer }] of ranks.entries())
      expect(await known.rankOf(draw(lane), signer)).toEqual({ rank, seat })
    expect(await known.rankOf(draw(lane), addressOf(250))).toBeUndefined()
  }
})

test('asks the node once for an epoch, and again after a reorganisation', async () => {
  const known = lottery()
  await Promise.all([known.prepare(3), known.rankOf(draw(0), addressOf(1)), known.rankOf(draw(1), addressOf(1))])
  expect(asked).toEqual(['epoch 3', '20 seats'])
  known.forget()
  await known.rankOf(draw(0), addressOf(1))
  expect(asked).toHaveLength(4)
})

test('S20: an epoch that the node does not know is no reason to give a task up: it is asked again', async () => {
  const known = lottery()
  facts = undefined
  await expect(known.rankOf(draw(0), addressOf(1))).rejects.toMatchObject({ code: 'RPC_NONSENSE' })
  facts = new RpcError('RPC_UNREACHABLE', 'gone')
  await expect(known.rankOf(draw(0), addressOf(1))).rejects.toMatchObject({ code: 'RPC_UNREACHABLE' })
  facts = FACTS
  await known.rankOf(draw(0), addressOf(1))
  expect(asked.filter((question) => question === 'epoch 3')).toHaveLength(3)
})

test('nobody is drawn among no seats', async () => {
  facts = { ...FACTS, seatCount: 0 }
  expect(await lottery().rankOf(draw(0), addressOf(1))).toBeUndefined()
})

test('loads the seats of a large network as they are drawn', async () => {
  facts = { ...FACTS, seatCount: 100_000 }
  const known = lottery()
  await known.rankOf(draw(0), addressOf(1))
  expect(asked.slice(0, 2)).toEqual(['epoch 3', '512 seats'])
  expect(asked.length).toBeLessThan(10)
})
