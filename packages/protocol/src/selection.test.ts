import fc from 'fast-check'
import { encodeAbiParameters, keccak256, parseAbiParameters } from 'viem'
import { describe, expect, test } from 'vitest'
import file from '../vectors/worker-selection.json' with { type: 'json' }
import type { Hex } from './bytes.ts'
import { parseEpochWord } from './epoch.ts'
import { parseSeatWord } from './seat.ts'
import { type Lottery, type LotterySeat, selectRanks } from './selection.ts'

type Case = Omit<(typeof file.cases)[number], 'expectedSeats' | 'expectedSigners'>

const DAPP = `0x${'d'.repeat(40)}` as const
const signer = (n: number): Hex => `0x${n.toString(16).padStart(40, '0')}`
const liveSeat = (n: number): LotterySeat => ({ signer: signer(n), activeEpoch: 0, exitEpoch: 99, measurementId: 0 })
const lottery = (change: Partial<Lottery> = {}): Lottery => ({
  epoch: 5,
  seed: 123n,
  seatCount: 10,
  revokedMask: 0,
  ...change,
})

function select({ epoch, seed, seatCount, revokedMask, dApp, lane, seats }: Case) {
  const drawn = {
    epoch: Number(epoch),
    seed: BigInt(seed),
    seatCount: Number(seatCount),
    revokedMask: Number(revokedMask),
  }
  return selectRanks(drawn, dApp as Hex, Number(lane), async (id) => parseSeatWord(BigInt(seats[id] as string)))
}

describe('the published vectors', () => {
  test.each(file.cases)('$name', async (vector) => {
    const ranks = await select(vector)
    expect(ranks.map(({ seat }) => String(seat))).toEqual(vector.expectedSeats)
    expect(ranks.map(({ signer }) => signer)).toEqual(vector.expectedSigners)
    const { seed, number } = parseEpochWord(BigInt(vector.epochWord))
    expect([String(seed), String(number)]).toEqual([vector.seed, vector.epoch])
  })

  test.each(file.failures)('refused: $name', async (vector) => {
    await expect(select(vector)).rejects.toMatchObject({ code: vector.error })
  })
})

/** The rule of the protocol written down a second time, on viem, over a list. */
function expectedRanks({ epoch, seed, seatCount, revokedMask }: Lottery, lane: number, seats: readonly LotterySeat[]) {
  const ids: number[] = []
  for (let j = 0n; j < 64n; j++) {
    const types = parseAbiParameters('uint256, address, uint256, uint256')
    const hash = keccak256(encodeAbiParameters(types, [seed, DAPP, BigInt(lane), j]))
    ids.push(Number(BigInt(hash) % BigInt(seatCount)))
  }
  const live = ids
    .map((id) => ({ id, ...(seats[id] as LotterySeat) }))
    .filter(({ activeEpoch, exitEpoch }) => activeEpoch <= epoch && exitEpoch > epoch)
    .filter(({ measurementId }) => ((BigInt(revokedMask) >> BigInt(measurementId)) & 1n) === 0n)
  const first = live.filter(({ signer }, i) => live.findIndex((other) => other.signer === signer) === i)
  return first.slice(0, 3).map(({ id, signer }) => ({ seat: id, signer }))
}

describe('selectRanks', () => {
  const anySeat: fc.Arbitrary<LotterySeat> = fc.record({
    signer: fc.integer({ min: 1, max: 8 }).map(signer),
    activeEpoch: fc.integer({ min: 3, max: 7 }),
    exitEpoch: fc.integer({ min: 3, max: 9 }),
    measurementId: fc.constantFrom(0, 1, 31),
  })

  test('S1: picks what the rule says, for any seats', async () => {
    const world = fc.record({
      seats: fc.array(anySeat, { minLength: 1, maxLength: 40 }),
      seed: fc.bigInt({ min: 0n, max: 2n ** 176n - 1n }),
      revokedMask: fc.constantFrom(0, 1, 2, 2 ** 31, 2 ** 31 + 1),
      lane: fc.nat(9),
    })
    await fc.assert(
      fc.asyncProperty(world, async ({ seats, seed, revokedMask, lane }) => {
        const drawn = lottery({ seed, revokedMask, seatCount: seats.length })
        const expected = expectedRanks(drawn, lane, seats)
        const found = selectRanks(drawn, DAPP, lane, async (id) => seats[id] as LotterySeat)
        if (expected.length > 0) expect(await found).toEqual(expected)
        else await expect(found).rejects.toMatchObject({ code: 'NO_WORKERS' })
      }),
    )
  })

  test('S7: a seat that joins behind T changes nothing', async () => {
    const asked: number[] = []
    await selectRanks(lottery({ seatCount: 3 }), DAPP, 0, async (id) => {
      asked.push(id)
      return liveSeat(id)
    })
    expect(Math.max(...asked)).toBeLessThan(3)
  })

  test('asks for each seat once and for none after the last rank', async () => {
    const asked: number[] = []
    const ranks = await selectRanks(lottery({ seatCount: 1000 }), DAPP, 0, async (id) => {
      asked.push(id)
      return liveSeat(id)
    })
    expect(asked).toEqual(ranks.map(({ seat }) => seat))
  })

  test('asks for no seat twice, dead ones included', async () => {
    const asked: number[] = []
    const dead = { ...liveSeat(1), exitEpoch: 0 }
    const selecting = selectRanks(lottery({ seatCount: 3 }), DAPP, 0, async (id) => {
      asked.push(id)
      return dead
    })
    await expect(selecting).rejects.toMatchObject({ code: 'NO_WORKERS' })
    expect(asked.sort()).toEqual([0, 1, 2])
  })

  test('returns as many ranks as are asked for', async () => {
    const load = async (id: number) => liveSeat(id)
    const three = await selectRanks(lottery(), DAPP, 0, load)
    expect(three).toHaveLength(3)
    expect(await selectRanks(lottery(), DAPP, 0, load, 1)).toEqual(three.slice(0, 1))
    expect((await selectRanks(lottery(), DAPP, 0, load, 5)).slice(0, 3)).toEqual(three)
  })

  test('passes on the error of a seat that cannot be loaded', async () => {
    const load = () => Promise.reject(new Error('RPC is down'))
    await expect(selectRanks(lottery(), DAPP, 0, load)).rejects.toThrow('RPC is down')
  })

  test('gives every seat its share', async () => {
    const counts = new Map<number, number>()
    for (let seed = 0n; seed < 2000n; seed++) {
      const [first] = await selectRanks(lottery({ seed }), DAPP, 0, async (id) => liveSeat(id), 1)
      counts.set(first?.seat ?? -1, (counts.get(first?.seat ?? -1) ?? 0) + 1)
    }
    // 200 each on average with a deviation of 13: five of those either way. The seeds are fixed, so this never flickers.
    expect([...counts.keys()].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(67)
  })
})
