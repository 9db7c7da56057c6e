import { describe, expect, test } from 'vitest'
import type { EnigmaContract } from './enigma-contract.ts'
import { openSlotBook } from './slots.ts'

const ALICE = '0x00000000000000000000000000000000000000aa'
const EPOCH = { epoch: 5 }
const BOB = '0x00000000000000000000000000000000000000bb'

/** Slots as the chain has them: seq where free, undefined where a task is pending. */
function book(slots: (bigint | undefined)[]) {
  const slot = async (_: string, number: number) => {
    const seq = number < slots.length ? slots[number] : 0n
    return { pending: seq === undefined, undelivered: false, hashBits: 0n, seq: seq ?? 0n, balanceGwei: 0n }
  }
  return openSlotBook({ slot } as unknown as EnigmaContract)
}

describe('a slot book', () => {
  test('hands out the lowest slot that carries no task', async () => {
    expect(await book([undefined, undefined, 4n]).hold(ALICE, EPOCH)).toMatchObject({ slot: 2, seq: 4n })
  })

  test('hands out no slot twice until it is released', async () => {
    const slots = book([])
    const [a, b] = await Promise.all([slots.hold(ALICE, EPOCH), slots.hold(ALICE, EPOCH)])
    expect(new Set([a.slot, b.slot])).toEqual(new Set([0, 1]))
    expect((await slots.hold(BOB, EPOCH)).slot).toBe(0)
    const first = a.slot === 0 ? a : b
    first.release()
    expect((await slots.hold(ALICE, EPOCH)).slot).toBe(0)
  })

  test('does not offer a task’s number again, though an RPC lags and still shows it', async () => {
    const slots = book([7n])
    const { seq, release } = await slots.hold(ALICE, EPOCH)
    const use = { requester: ALICE, slot: 0, seq, epoch: 5 } as const
    slots.claim(use)
    release()
    expect(() => slots.claim(use)).toThrow(expect.objectContaining({ code: 'SLOT_IN_USE' }))
    expect((await slots.hold(ALICE, EPOCH)).slot).toBe(1)
    slots.forgetUsed()
    expect((await slots.hold(ALICE, EPOCH)).slot).toBe(0)
  })

  test('offers a task’s number again once its request cannot be mined any more', async () => {
    const slots = book([7n])
    const use = { requester: ALICE, slot: 0, seq: 7n, epoch: 5 } as const
    const offered = async (epoch: number) => {
      const { slot, release } = await slots.hold(ALICE, { epoch })
      release()
      return slot
    }
    slots.claim(use)
    // Within the grace its own epoch is open in the next.
    expect([await offered(5), await offered(6), await offered(7)]).toEqual([1, 1, 0])
    slots.unclaim({ ...use, seq: 6n })
    expect(await offered(5)).toBe(1)
    slots.unclaim(use)
    expect(await offered(5)).toBe(0)
  })

  test('lets a slot go that could not be read', async () => {
    let isDown = true
    const slot = async () => {
      if (isDown) throw new Error('down')
      return { pending: false, undelivered: false, hashBits: 0n, seq: 0n, balanceGwei: 0n }
    }
    const slots = openSlotBook({ slot } as unknown as EnigmaContract)
    await expect(slots.hold(ALICE, EPOCH)).rejects.toThrow('down')
    isDown = false
    expect((await slots.hold(ALICE, EPOCH)).slot).toBe(0)
  })

  test('refuses a slot by number that carries a task, and an account whose slots all do', async () => {
    await expect(book([undefined]).hold(ALICE, { only: 0, epoch: 5 })).rejects.toMatchObject({ code: 'SLOT_IN_USE' })
    const full = book(Array.from({ length: 256 }, () => undefined))
    await expect(full.hold(ALICE, EPOCH)).rejects.toMatchObject({ code: 'NO_FREE_SLOT' })
  })
})
