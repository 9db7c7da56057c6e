/** A slot's balance: requests are paid from it first, and refunds go to it. */
import { EnigmaError, type Hex } from '@enigma/protocol'
import type { Account } from 'viem'
import type { Deadline } from './clock.ts'
import { lower } from './enigma-contract.ts'
import { waitForReceipt } from './receipt.ts'
import type { Requesting } from './request-task.ts'
import { RefusedError } from './send.ts'
import { SlotInUseError } from './slots.ts'

const WEI_PER_GWEI = 1_000_000_000n

export type Moved = { txHash: Hex; gas: bigint }

/** Adds to a slot, so that requests from it need carry no value. */
export function fundSlot(parts: Requesting, slot: number, amountGwei: bigint, account: Account, deadline: Deadline) {
  if (amountGwei <= 0n) throw new AmountError(amountGwei)
  return move(parts, slot, account, deadline, {
    functionName: 'fundSlot',
    args: [slot],
    valueWei: amountGwei * WEI_PER_GWEI,
  })
}

/** Pays a free slot's whole balance to its account. */
export function withdrawSlot(parts: Requesting, slot: number, account: Account, deadline: Deadline) {
  return move(parts, slot, account, deadline, { functionName: 'withdrawSlot', args: [slot] })
}

type Movement = { functionName: 'fundSlot' | 'withdrawSlot'; args: readonly [number]; valueWei?: bigint }

async function move(
  { reader, sender, pollMs }: Requesting,
  slot: number,
  account: Account,
  deadline: Deadline,
  movement: Movement,
): Promise<Moved> {
  const sent = await sender
    .send(account, async () => movement, deadline)
    .catch((error: unknown) => {
      if (error instanceof RefusedError && error.errorName === 'SlotInUse')
        throw new SlotInUseError(lower(account.address), slot)
      throw error
    })
  deadline.sent({ txHash: sent.hash })
  const receipt = await waitForReceipt(reader, sent, pollMs, deadline)
  return { txHash: sent.hash, gas: receipt.gasUsed }
}

export class AmountError extends EnigmaError {
  override readonly name = 'AmountError'
  readonly code = 'AMOUNT'
  constructor(amountGwei: bigint) {
    super(`${amountGwei} gwei is no amount to fund a slot with.`, { hint: 'Give a positive number of gwei.' })
  }
}
