/** Vectors of the contract's packed words: slots, seats, epochs. */
import {
  type Epoch,
  freeWord,
  packEpochWord,
  packSeatWord,
  parseSlotWord,
  pendingWord,
  type Seat,
  ZERO_HASH,
} from '../../src/index.ts'
import type { Case, VectorFile } from '../generate.ts'
import { errorOf, sample, sampleAddress, word } from './samples.ts'

export async function slotWordVectors(): Promise<VectorFile> {
  const free = { 'never used': [0n, 0n], used: [12n, 345_678n], 'at its maximum': [2n ** 64n - 1n, 2n ** 64n - 1n] }
  const pending = { 'a task': sample('task'), 'all ones': `0x${'ff'.repeat(32)}`, 'all zeros': ZERO_HASH } as const
  const malformed = {
    'state 01': 1n << 254n,
    'state 11, undelivered, which this version has not': 3n << 254n,
    'a free slot with bits above its balance': 1n << 128n,
  }
  return {
    comment:
      'The word of a slot. Free: seq in bits 0..63, balanceGwei in 64..127. Pending: top bits 10, below them taskIdBits, ' +
      'the low 254 bits of taskId. Fields of the other state are zero.',
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
  const epoch: Epoch = { seed, isFallback: false, seatCount: 1000, number: 70, revokedMask: 0 }
  const epochs: Record<string, Epoch> = {
    'an epoch': epoch,
    'with a seed from the fallback': { ...epoch, isFallback: true },
    'with two measurements revoked': { ...epoch, revokedMask: 2 ** 31 + 2 },
    'every field at its maximum': {
      ...{ seed: 2n ** 176n - 1n, isFallback: true, seatCount: 2 ** 24 - 1, number: 2 ** 23 - 1 },
      revokedMask: 2 ** 32 - 1,
    },
  }
  const tooBig: Record<string, Partial<Epoch>> = {
    seed: { seed: 2n ** 176n },
    seatCount: { seatCount: 2 ** 24 },
    number: { number: 2 ** 23 },
    revokedMask: { revokedMask: 2 ** 32 },
  }
  return {
    comment:
      'The word of an epoch: seed 0..175, fallback 176, seat count T 177..200, number 201..223, revoked mask 224..255.',
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
