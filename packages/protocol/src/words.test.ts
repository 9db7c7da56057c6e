import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesToHex } from './bytes.ts'
import { type Epoch, packEpochWord, parseEpochWord } from './epoch.ts'
import { isSeatLive, packSeatWord, parseSeatWord, type Seat } from './seat.ts'
import { freeWord, parseSlotWord, pendingWord, type Slot, slotKey } from './slot.ts'

const anyHex = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(bytesToHex)
const anyUint = (bits: number) => fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n })
const anyNumber = (bits: number) => anyUint(bits).map(Number)
const anyWord = anyUint(256)

function wordOf(slot: Slot): bigint {
  if (slot.state === 'free') return freeWord(slot)
  return slot.state === 'pending' ? (2n << 254n) | slot.taskIdBits : (3n << 254n) | slot.hashBits
}

describe("a slot's word", () => {
  test('free: gives back seq and balance', () => {
    fc.assert(
      fc.property(anyUint(64), anyUint(64), (seq, balanceGwei) => {
        expect(parseSlotWord(freeWord({ seq, balanceGwei }))).toEqual({ state: 'free', seq, balanceGwei })
      }),
    )
  })

  test('pending: gives back the low 254 bits of the task id', () => {
    fc.assert(
      fc.property(anyHex(32), (taskId) => {
        const taskIdBits = BigInt(taskId) & (2n ** 254n - 1n)
        expect(parseSlotWord(pendingWord(taskId))).toEqual({ state: 'pending', taskIdBits })
      }),
    )
  })

  test('S18: is free, pending, undelivered, or refused, and never read in two ways', () => {
    fc.assert(
      fc.property(fc.oneof(anyWord, anyUint(129), anyUint(254)), (word) => {
        let slot: ReturnType<typeof parseSlotWord>
        try {
          slot = parseSlotWord(word)
        } catch (error) {
          expect(error).toMatchObject({ code: 'MALFORMED_SLOT' })
          return
        }
        expect(wordOf(slot)).toBe(word)
      }),
    )
  })
})

test('a slot’s key is where Solidity keeps mapping(address => mapping(uint32 => …)) of storage slot 0', () => {
  expect(slotKey('0x00000000000000000000000000000000000000aa', 7)).toBe(
    '0x62e10393eb9fd60bd50fcef39a7cc0bafbb04972804c7e84be1cb1399033b634',
  )
})

describe("a seat's word", () => {
  test('has its seven fields and nothing else', () => {
    fc.assert(fc.property(anyWord, (word) => void expect(packSeatWord(parseSeatWord(word))).toBe(word)))
  })

  test('has them where the contract has them', () => {
    const word = (5n << 208n) | (4n << 200n) | (3n << 180n) | (2n << 160n) | 1n
    const signer = `0x${'1'.padStart(40, '0')}`
    expect(parseSeatWord(word)).toEqual({ signer, activeEpoch: 2, exitEpoch: 3, measurementId: 4, creditGwei: 5n })
  })
})

describe('isSeatLive', () => {
  const seat: Omit<Seat, 'signer' | 'creditGwei'> = { activeEpoch: 5, exitEpoch: 8, measurementId: 31 }

  test('from its active epoch to the one before its exit', () => {
    const live = [4, 5, 6, 7, 8].map((epoch) => isSeatLive(seat, { epoch, revokedMask: 0 }))
    expect(live).toEqual([false, true, true, true, false])
  })

  test('only while its measurement is not revoked, the highest one included', () => {
    expect(isSeatLive(seat, { epoch: 5, revokedMask: 2 ** 31 })).toBe(false)
    expect(isSeatLive(seat, { epoch: 5, revokedMask: 2 ** 31 - 1 })).toBe(true)
    expect(isSeatLive({ ...seat, measurementId: 0 }, { epoch: 5, revokedMask: 1 })).toBe(false)
  })

  test('whatever stands in bit 0, for a measurement that no mask reaches', () => {
    expect(isSeatLive({ ...seat, measurementId: 32 }, { epoch: 5, revokedMask: 1 })).toBe(true)
  })
})

describe("an epoch's word", () => {
  test('has its seven fields and nothing else', () => {
    fc.assert(fc.property(anyWord, (word) => void expect(packEpochWord(parseEpochWord(word))).toBe(word)))
  })

  test('has them where the contract has them', () => {
    const word = (5n << 224n) | (6n << 218n) | (4n << 198n) | (3n << 178n) | (2n << 176n) | 2n
    expect(parseEpochWord(word)).toEqual({
      ...{ seed: 2n, isFallback: false, isPaused: true, seatCount: 3, number: 4, priceLevel: 6, revokedMask: 5 },
    })
  })

  test('is made of fields that fit', () => {
    const anyEpoch: fc.Arbitrary<Epoch> = fc.record({
      seed: anyUint(176),
      isFallback: fc.boolean(),
      isPaused: fc.boolean(),
      seatCount: anyNumber(20),
      number: anyNumber(20),
      priceLevel: anyNumber(6),
      revokedMask: anyNumber(32),
    })
    fc.assert(fc.property(anyEpoch, (epoch) => void expect(parseEpochWord(packEpochWord(epoch))).toEqual(epoch)))
  })
})
