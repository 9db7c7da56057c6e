/** Vectors of the lottery. */
import {
  type Epoch,
  type Hex,
  packEpochWord,
  packSeatWord,
  parseSeatWord,
  type Seat,
  selectRanks,
} from '../../src/index.ts'
import type { Case, VectorFile } from '../generate.ts'
import { errorOf, sample, sampleAddress, sampleNumber, word } from './samples.ts'

type Draw = { name: string; lottery: Epoch; seats: readonly Seat[]; dApp: Hex; lane: number }

const EPOCH = 70

export async function workerSelectionVectors(): Promise<VectorFile> {
  return {
    comment:
      'Who runs the tasks of (epoch, dApp, lane). seats: words of all seats, the index is the id; the lottery draws among the ' +
      'first seatCount of them (T). epochWord: the same epoch packed. expectedSeats, expectedSigners: ranks 0, 1, 2, as far as ' +
      '64 draws find them. failures: not even rank 0 is found.',
    cases: await Promise.all(found().map(foundCase)),
    failures: await Promise.all(
      none().map(async (draw) => ({ ...texts(draw), error: await errorOf(() => run(draw)) })),
    ),
  }
}

function found(): Draw[] {
  const three = seats(3)
  const many = seats(50)
  return [
    draw('one seat', seats(1)),
    draw('two seats', seats(2)),
    draw('three seats', three),
    draw('three seats, another dApp', three, { dApp: sampleAddress('another dApp') }),
    draw('three seats, another seed', three, { seed: seedOf('another') }),
    draw('three seats, a seed with its fallback bit', three, { isFallback: true }),
    draw('three seats, lane 1', three, { lane: 1 }),
    draw('three seats, lane 65534', three, { lane: 65_534 }),
    draw('three seats, seed 0', three, { seed: 0n }),
    draw('three seats, the largest seed', three, { seed: 2n ** 176n - 1n }),
    ...[0, 1, 2, 3, 4, 5].map((lane) => draw(`fifty seats, lane ${lane}`, many, { lane })),
    draw('seats behind T are not drawn', many, { seatCount: 4 }),
    draw(
      'half of the seats exited',
      many.map((seat, i) => (i % 2 ? seat : { ...seat, exitEpoch: EPOCH - 1 })),
    ),
    draw(
      'half of the seats not yet active',
      many.map((seat, i) => (i % 2 ? seat : { ...seat, activeEpoch: EPOCH + 1 })),
    ),
    draw(
      'active from this epoch on',
      three.map((seat) => ({ ...seat, activeEpoch: EPOCH })),
    ),
    draw(
      'exit in the next epoch',
      three.map((seat) => ({ ...seat, exitEpoch: EPOCH + 1 })),
    ),
    draw(
      'one exits in this epoch',
      three.map((seat, i) => (i ? seat : { ...seat, exitEpoch: EPOCH })),
    ),
    draw(
      'one becomes active in the next',
      three.map((seat, i) => (i ? seat : { ...seat, activeEpoch: EPOCH + 1 })),
    ),
    draw(
      'the seat of rank 0 out at once: the ranks behind move up',
      three.map((seat, i) => (i === 2 ? outAtOnce(seat) : seat)),
    ),
    draw(
      'every third seat out at once',
      many.map((seat, i) => (i % 3 ? seat : outAtOnce(seat))),
    ),
    draw(
      'a revoked measurement',
      many.map((seat, i) => ({ ...seat, measurementId: i % 3 })),
      { revokedMask: 0b010 },
    ),
    draw(
      'measurement 31 revoked',
      many.map((seat, i) => ({ ...seat, measurementId: i % 2 ? 31 : 30 })),
      {
        revokedMask: 2 ** 31,
      },
    ),
    draw('a revoked measurement that no seat has', many, { revokedMask: 2 ** 32 - 2 }),
    draw(
      'five signers with ten seats each',
      many.map((seat, i) => ({ ...seat, signer: sampleAddress(`signer ${i % 5}`) })),
    ),
    draw(
      'two signers with all seats: two ranks',
      many.map((seat, i) => ({ ...seat, signer: sampleAddress(`signer ${i % 2}`) })),
    ),
    draw(
      'one signer with all seats: one rank',
      many.map((seat) => ({ ...seat, signer: sampleAddress('signer') })),
    ),
    draw(
      'two live seats of fifty',
      many.map((seat, i) => (i === 7 || i === 23 ? seat : EMPTY)),
    ),
    draw(
      '300 seats, few live: draws run out',
      seats(300).map((seat, i) => (i % 60 === 0 ? seat : EMPTY)),
      { lane: 2 },
    ),
    draw('300 seats of mixed kinds', seats(300).map(mixed), { revokedMask: 0b1010 }),
    draw('300 seats of mixed kinds, lane 9', seats(300).map(mixed), { revokedMask: 0b1010, lane: 9 }),
    draw(
      'the largest epoch',
      three.map((seat) => ({ ...seat, exitEpoch: 2 ** 20 - 1 })),
      { number: 2 ** 20 - 2 },
    ),
  ]
}

function none(): Draw[] {
  const three = seats(3)
  return [
    draw('no seats', []),
    draw('seats, but none at the boundary block', three, { seatCount: 0 }),
    draw(
      'all exited',
      three.map((seat) => ({ ...seat, exitEpoch: EPOCH })),
    ),
    draw(
      'none active yet',
      three.map((seat) => ({ ...seat, activeEpoch: EPOCH + 1 })),
    ),
    draw('all revoked', three, { revokedMask: 1 }),
    draw('all out at once', three.map(outAtOnce)),
    draw('all empty', [EMPTY, EMPTY, EMPTY]),
    draw(
      'one live seat of 300 that 64 draws miss',
      seats(300).map((seat, i) => (i === 299 ? seat : EMPTY)),
    ),
  ]
}

/** As the contract leaves a seat whose platform is revoked in the next epoch: active from an epoch that none reaches. */
const outAtOnce = (seat: Seat): Seat => ({ ...seat, activeEpoch: 2 ** 20 - 1, exitEpoch: EPOCH + 1 })

const EMPTY: Seat = { signer: `0x${'00'.repeat(20)}`, activeEpoch: 0, exitEpoch: 0, measurementId: 0, creditGwei: 0n }

function seats(count: number): Seat[] {
  return Array.from({ length: count }, (_, i) => ({
    signer: sampleAddress(`signer ${i}`),
    activeEpoch: 2,
    exitEpoch: 90,
    measurementId: 0,
    creditGwei: BigInt(sampleNumber(`credit ${i}`, 2 ** 48)),
  }))
}

function mixed(seat: Seat, i: number): Seat {
  return {
    ...seat,
    signer: sampleAddress(`signer ${sampleNumber(`owner ${i}`, 120)}`),
    activeEpoch: sampleNumber(`active ${i}`, EPOCH + 20),
    exitEpoch: EPOCH - 10 + sampleNumber(`exit ${i}`, 40),
    measurementId: sampleNumber(`measurement ${i}`, 6),
  }
}

function seedOf(name: string): bigint {
  return BigInt(sample(`seed ${name}`)) & (2n ** 176n - 1n)
}

function draw(name: string, list: readonly Seat[], change: Partial<Epoch & { dApp: Hex; lane: number }> = {}): Draw {
  const { dApp = sampleAddress('dApp'), lane = 0, ...rest } = change
  const base = {
    seed: seedOf('0'),
    isFallback: false,
    isPaused: false,
    seatCount: list.length,
    number: EPOCH,
    priceLevel: 32,
    revokedMask: 0,
  }
  return { name, lottery: { ...base, ...rest }, seats: list, dApp, lane }
}

function run({ lottery, seats: list, dApp, lane }: Draw) {
  return selectRanks({ ...lottery, epoch: lottery.number }, dApp, lane, async (id) => list[id] ?? parseSeatWord(0n))
}

async function foundCase(chosen: Draw): Promise<Case> {
  const ranks = await run(chosen)
  return {
    ...texts(chosen),
    expectedSeats: ranks.map(({ seat }) => String(seat)),
    expectedSigners: ranks.map(({ signer }) => signer),
  }
}

function texts({ name, lottery, seats: list, dApp, lane }: Draw): Case {
  return {
    name,
    epoch: String(lottery.number),
    seed: String(lottery.seed),
    seatCount: String(lottery.seatCount),
    revokedMask: String(lottery.revokedMask),
    epochWord: word(packEpochWord(lottery)),
    dApp,
    lane: String(lane),
    seats: list.map((seat) => word(packSeatWord(seat))),
  }
}
