/**
 * Which of an account's slots carries the next task.
 *
 * A slot carries one task at a time. The lowest free one is taken, since the first use of a slot costs 17,100 gas more.
 * Calls that run side by side hold the slots that they are about to use, so that no two take the same.
 */
import { type Address, EnigmaError } from '@enigma/protocol'
import type { EnigmaContract } from './enigma-contract.ts'

/** More tasks at once from one account than anybody needs; keeps a lying RPC from having us search for ever. */
const MAX_SLOTS = 256

export type HeldSlot = {
  requester: Address
  slot: number
  seq: bigint
  balanceGwei: bigint
  /** Lets others have the slot. */
  release(): void
  /** Notes that its task was sent: an RPC that lags must not offer us the same (slot, seq) again. */
  used(): void
}

export type SlotBook = {
  hold(requester: Address, options?: { only?: number | undefined }): Promise<HeldSlot>
  /** After a reorganisation slots stand as they did before they were used. */
  forgetUsed(): void
}

export function openSlotBook(contract: EnigmaContract): SlotBook {
  const held = new Set<string>()
  const nextSeq = new Map<string, bigint>()

  async function tryHold(requester: Address, slot: number): Promise<HeldSlot | undefined> {
    const key = `${requester}/${slot}`
    if (held.has(key)) return
    // Held before it is read: of two calls that ask at once, the second goes on to the next slot.
    held.add(key)
    let free = false
    try {
      const { pending, seq, balanceGwei } = await contract.slot(requester, slot)
      free = !pending && seq >= (nextSeq.get(key) ?? 0n)
      if (!free) return
      return {
        requester,
        slot,
        seq,
        balanceGwei,
        release: () => void held.delete(key),
        used: () => void nextSeq.set(key, seq + 1n),
      }
    } finally {
      if (!free) held.delete(key)
    }
  }

  return {
    forgetUsed: () => nextSeq.clear(),
    hold: async (requester, { only } = {}) => {
      if (only !== undefined) {
        const slot = await tryHold(requester, only)
        if (!slot) throw new SlotInUseError(requester, only)
        return slot
      }
      for (let number = 0; number < MAX_SLOTS; number++) {
        const slot = await tryHold(requester, number)
        if (slot) return slot
      }
      throw new NoFreeSlotError(requester)
    },
  }
}

export class SlotInUseError extends EnigmaError {
  override readonly name = 'SlotInUseError'
  readonly code = 'SLOT_IN_USE'
  constructor(requester: Address, slot: number) {
    super(`Slot ${slot} of ${requester} carries another task.`, {
      hint: 'Leave `slot` out to use a free one, or wait for that task or cancel it.',
    })
  }
}

export class NoFreeSlotError extends EnigmaError {
  override readonly name = 'NoFreeSlotError'
  readonly code = 'NO_FREE_SLOT'
  constructor(requester: Address) {
    super(`The first ${MAX_SLOTS} slots of ${requester} all carry tasks.`, {
      hint: 'Wait for some to end, or cancel those that nobody served.',
    })
  }
}
