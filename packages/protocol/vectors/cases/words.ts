/** Vectors of the contract's packed words: slots, seats, epochs. */
import {
  type Epoch,
  freeWord,
  packEpochWord,
  packSeatWord,
  parseSlotWord,
  pendingWord,
  type Seat,
  type Undelivered,
  undeliveredHash,
  undeliveredWord,
  ZERO_HASH,
} from '../../src/index.ts'
import type { Case, VectorFile } from '../generate.ts'
import { errorOf, sample, sampleAddress, word } from './samples.ts'

export async function slotWordVectors(): Promise<VectorFile> {
  const free = { 'never used': [0n, 0n], used: [12n, 345_678n], 'at its maximum': [2n ** 64n - 1n, 2n ** 64n - 1n] }
  const pending = { 'a task': sample('task'), 'all ones': `0x${'ff'.repeat(32)}`, 'all zeros': ZERO_HASH } as const
  const result: Undelivered = {
    ...{ taskId: sample('task'), dApp: sampleAddress('dApp'), callable: '0x01020304', outputHash: sample('output') },
    ...{ requester: sampleAddress('requester'), slot: 3, seq: 7n, restGwei: 12_345n, createdBlock: 1_000_000 },
  }
  const undelivered = {
    'a result': result,
    'of slot 0, with nothing left': { ...result, slot: 0, seq: 0n, restGwei: 0n },
    'every field at its maximum': {
      ...{ ...result, slot: 2 ** 32 - 1, seq: 2n ** 64n - 1n, restGwei: 2n ** 64n - 1n, createdBlock: 2 ** 40 - 1 },
      callable: '0xffffffff' as const,
    },
  }
  const malformed = {
    'state 01, which is none': 1n << 254n,
    'a free slot with bits above its balance': 1n << 128n,
  }
  return {
    comment:
      'The word of a slot. Free: seq in bits 0..63, balanceGwei in 64..127. Pending: top bits 10, below them taskIdBits, ' +
      'the low 254 bits of taskId. Undelivered: top bits 11, below them the low 254 bits of the hash of the result. Fields of ' +
      'other states are zero.',
    cases: [
      ...Object.entries(free).map(([name, [seq = 0n, balanceGwei = 0n]]) => ({
        name: `free: ${name}`,
        word: word(freeWord({ seq, balanceGwei })),
        pending: false,
        seq: String(seq),
        balanceGwei: String(balanceGwei),
        taskId: ZERO_HASH,
        taskIdBits: ZERO_HASH,
      })),
      ...Object.entries(pending).map(([name, taskId]) => ({
        name: `pending: ${name}`,
        word: word(pendingWord(taskId)),
        pending: true,
        seq: '0',
        balanceGwei: '0',
        taskId,
        taskIdBits: word(BigInt(taskId) & (2n ** 254n - 1n)),
      })),
    ],
    undelivered: Object.entries(undelivered).map(([name, result]) => ({
      name,
      ...texts(result),
      hash: undeliveredHash(result),
      word: word(undeliveredWord(result)),
    })),
    failures: await Promise.all(
      Object.entries(malformed).map(async ([name, value]) => ({
        name,
        word: word(value),
        error: await errorOf(() => parseSlotWord(value)),
      })),
    ),
  }
}

export async function seatWordVectors(): Promise<VectorFile> {
  const seat: Seat = {
    signer: sampleAddress('signer'),
    activeEpoch: 12,
    exitEpoch: 32,
    measurementId: 5,
    creditGwei: 987_654_321n,
  }
  const full = { signer: `0x${'ff'.repeat(20)}`, activeEpoch: 2 ** 20 - 1, exitEpoch: 2 ** 20 - 1 } as const
  const seats: Record<string, Seat> = {
    'a seat': seat,
    'an empty seat': {
      ...seat,
      signer: `0x${'00'.repeat(20)}`,
      activeEpoch: 0,
      exitEpoch: 0,
      measurementId: 0,
      creditGwei: 0n,
    },
    'every field at its maximum': { ...full, measurementId: 255, creditGwei: 2n ** 48n - 1n },
  }
  const tooBig: Record<string, Partial<Seat>> = {
    activeEpoch: { activeEpoch: 2 ** 20 },
    exitEpoch: { exitEpoch: 2 ** 20 },
    measurementId: { measurementId: 256 },
    creditGwei: { creditGwei: 2n ** 48n },
  }
  return {
    comment:
      'The word of a seat: signer 0..159, active 160..179, exit 180..199, measurement 200..207, credit 208..255.',
    cases: Object.entries(seats).map(([name, fields]) => ({
      name,
      ...texts(fields),
      word: word(packSeatWord(fields)),
    })),
    failures: await Promise.all(
      Object.entries(tooBig).map(async ([field, change]) => ({
        name: `${field} is too big`,
        ...texts({ ...seat, ...change }),
        error: await errorOf(() => packSeatWord({ ...seat, ...change })),
      })),
    ),
  }
}

export async function epochWordVectors(): Promise<VectorFile> {
  const seed = BigInt(sample('seed')) >> 80n
  const epoch: Epoch = {
    ...{ seed, isFallback: false, isPaused: false, seatCount: 1000, number: 70, priceLevel: 32, revokedMask: 0 },
  }
  const epochs: Record<string, Epoch> = {
    'an epoch': epoch,
    'with a seed from the fallback': { ...epoch, isFallback: true },
    'that is paused': { ...epoch, isPaused: true },
    'with doubled prices': { ...epoch, priceLevel: 36 },
    'with two measurements revoked': { ...epoch, revokedMask: 2 ** 31 + 2 },
    'every field at its maximum': {
      ...{ seed: 2n ** 176n - 1n, isFallback: true, isPaused: true, seatCount: 2 ** 20 - 1, number: 2 ** 20 - 1 },
      ...{ priceLevel: 63, revokedMask: 2 ** 32 - 1 },
    },
  }
  const tooBig: Record<string, Partial<Epoch>> = {
    seed: { seed: 2n ** 176n },
    seatCount: { seatCount: 2 ** 20 },
    number: { number: 2 ** 20 },
    priceLevel: { priceLevel: 64 },
    revokedMask: { revokedMask: 2 ** 32 },
  }
  return {
    comment:
      'The word of an epoch: seed 0..175, fallback 176, paused 177, seat count T 178..197, number 198..217, price level ' +
      '218..223, revoked mask 224..255.',
    cases: Object.entries(epochs).map(([name, fields]) => ({
      name,
      ...texts(fields),
      word: word(packEpochWord(fields)),
    })),
    failures: await Promise.all(
      Object.entries(tooBig).map(async ([field, change]) => ({
        name: `${field} is too big`,
        ...texts({ ...epoch, ...change }),
        error: await errorOf(() => packEpochWord({ ...epoch, ...change })),
      })),
    ),
  }
}

function texts(fields: Record<string, bigint | number | boolean | string>): Case {
  return Object.fromEntries(
    Object.entries(fields).map(([field, value]) => [field, typeof value === 'boolean' ? value : String(value)]),
  )
}
