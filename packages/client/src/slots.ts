/**
 * Which of an account's slots carries the next task.
 *
 * A slot carries one task at a time. The lowest free one is taken, since the first use of a slot costs 17,100 gas more.
 * Calls that run side by side hold the slots that they are about to use, so that no two take the same; steps that run
 * side by side claim the task's number when they send.
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
}

/** One task of a slot, and the epoch that its request names. */
export type SlotUse = { requester: Address; slot: number; seq: bigint; epoch: number }

export type SlotBook = {
  /** A free slot, as a request that names `epoch` may use it. */
  hold(requester: Address, options: { only?: number | undefined; epoch: number }): Promise<HeldSlot>
  /**
   * For whoever is about to send: throws where this task of the slot was sent already, or is being sent. An RPC that lags
   * must not offer it again either.
   */
  claim(use: SlotUse): void
  /** Nothing was sent after all, or what was sent can no longer make a task. */
  unclaim(use: Pick<SlotUse, 'requester' | 'slot' | 'seq'>): void
  /** After a reorganisation slots stand as they did before they were used. */
  forgetUsed(): void
}

export function openSlotBook(contract: EnigmaContract): SlotBook {
  const held = new Set<string>()
  const claimed = new Map<string, SlotUse>()
  const keyOf = ({ requester, slot }: { requester: Address; slot: number }) => `${requester}/${slot}`

  /** A request can be mined in its epoch and, within the grace, in the next: one dropped before blocks its slot no longer. */
  function isClaimed(key: string, seq: bigint, epoch: number): boolean {
    const use = claimed.get(key)
    return use !== undefined && seq <= use.seq && epoch <= use.epoch + 1
  }

  async function tryHold(requester: Address, slot: number, epoch: number): Promise<HeldSlot | undefined> {
    const key = keyOf({ requester, slot })
    if (held.has(key)) return
    // Held before it is read: of two calls that ask at once, the second goes on to the next slot.
    held.add(key)
    let free = false
    try {
      const { pending, undelivered, seq, balanceGwei } = await contract.slot(requester, slot)
      free = !pending && !undelivered && !isClaimed(key, seq, epoch)
      if (!free) return
      return {
        requester,
        slot,
        seq,
        balanceGwei,
        release: () => void held.delete(key),
      }
    } finally {
      if (!free) held.delete(key)
    }
  }

  return {
    forgetUsed: () => claimed.clear(),
    claim: (use) => {
      const key = keyOf(use)
      if (isClaimed(key, use.seq, use.epoch)) throw new SlotInUseError(use.requester, use.slot)
      claimed.set(key, use)
    },
    unclaim: (use) => {
      if (claimed.get(keyOf(use))?.seq === use.seq) claimed.delete(keyOf(use))
    },
    hold: async (requester, { only, epoch }) => {
      if (only !== undefined) {
        const slot = await tryHold(requester, only, epoch)
        if (!slot) throw new SlotInUseError(requester, only)
        return slot
      }
      for (let number = 0; number < MAX_SLOTS; number++) {
        const slot = await tryHold(requester, number, epoch)
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
      hint: 'Leave `slot` out to use a free one, or end that task: wait, cancel, redeliver or abandon.',
    })
  }
}

export class NoFreeSlotError extends EnigmaError {
  override readonly name = 'NoFreeSlotError'
  readonly code = 'NO_FREE_SLOT'
  constructor(requester: Address) {
    super(`The first ${MAX_SLOTS} slots of ${requester} all carry tasks.`, {
      hint: 'End some of them: wait, cancel, redeliver or abandon.',
    })
  }
}
