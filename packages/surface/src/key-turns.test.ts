import { expect, test } from 'vitest'
import type { SeatFacts } from './chain.ts'
import { createTurns, MOST_TURNS } from './key-turns.ts'

const seat = (activeEpoch: number, exitEpoch: number) => ({ activeEpoch, exitEpoch }) as SeatFacts
function turnsAmong(seats: SeatFacts[]) {
  const asked = { count: 0 }
  const chain = {
    seatCount: async () => seats.length,
    seats: async (ids: readonly number[]) => {
      asked.count++
      return ids.map((id) => seats[id] as SeatFacts)
    },
  }
  return { turns: createTurns(chain), asked }
}

test('each live seat has its turn after those before it, from the named one on; the others have none', async () => {
  const { turns } = turnsAmong([seat(2, 9), seat(2, 4), seat(2, 9), seat(6, 9), seat(2, 9)])
  const positions = (first: number) => Promise.all([0, 2, 4].map((own) => turns({ epoch: 5, seat: own }, first)))
  expect(await positions(0)).toEqual([0, 1, 2])
  // Seats 1 and 3 are not live: the next one begins.
  expect(await positions(1)).toEqual([2, 0, 1])
  expect(await positions(3)).toEqual([1, 2, 0])
  expect(await positions(99)).toEqual([0, 1, 2])
  expect(await turns({ epoch: 5, seat: 3 }, 0)).toBe(MOST_TURNS)
})

test('who is live is asked once an epoch', async () => {
  const { turns, asked } = turnsAmong([seat(2, 9), seat(6, 9)])
  for (const epoch of [5, 5, 6]) await turns({ epoch, seat: 0 }, 0)
  expect(asked.count).toBe(2)
  expect(await turns({ epoch: 6, seat: 1 }, 0)).toBe(1)
})

test('nobody waits longer than the longest, however many seats there are', async () => {
  const { turns } = turnsAmong(Array.from({ length: 100 }, () => seat(0, 9)))
  expect(await turns({ epoch: 1, seat: 99 }, 0)).toBe(MOST_TURNS)
})

test('the first 1,024 seats are asked for, and no more', async () => {
  const ids: number[] = []
  const turns = createTurns({
    seatCount: async () => 5_000,
    seats: async (asked) => {
      ids.push(...asked)
      return asked.map(() => seat(0, 9))
    },
  })
  expect(await turns({ epoch: 1, seat: 1_024 }, 0)).toBe(MOST_TURNS)
  expect(await turns({ epoch: 1, seat: 1_023 }, 1_020)).toBe(3)
  expect(ids).toHaveLength(1_024)
})

test('an answer that did not come is asked for again', async () => {
  let isAway = true
  const turns = createTurns({
    seatCount: async () => {
      if (isAway) throw new Error('away')
      return 1
    },
    seats: async () => [seat(0, 9)],
  })
  await expect(turns({ epoch: 1, seat: 0 }, 0)).rejects.toThrow('away')
  isAway = false
  expect(await turns({ epoch: 1, seat: 0 }, 0)).toBe(0)
})
