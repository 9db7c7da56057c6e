/** A slot's balance: requests are paid from it first, and refunds go to it. */
import { EnigmaError } from '@enigma/protocol'
import type { Account } from 'viem'
import type { Deadline } from './clock.ts'
import { lower } from './enigma-contract.ts'
import type { Requesting } from './request-task.ts'
import type { EnigmaTransaction } from './send.ts'
import { SlotInUseError } from './slots.ts'
import { transact } from './transact.ts'

const WEI_PER_GWEI = 1_000_000_000n

/** Adds to a slot, so that requests from it need carry no value. */
export function fundSlot(slot: number, amountGwei: bigint, parts: Requesting, account: Account, deadline: Deadline) {
  if (amountGwei <= 0n) throw new AmountError(amountGwei)
  const valueWei = amountGwei * WEI_PER_GWEI
  return move(slot, { functionName: 'fundSlot', args: [slot], valueWei }, parts, account, deadline)
}

/** Pays a free slot's whole balance to its account. */
export function withdrawSlot(slot: number, parts: Requesting, account: Account, deadline: Deadline) {
  return move(slot, { functionName: 'withdrawSlot', args: [slot] }, parts, account, deadline)
}

function move(slot: number, movement: EnigmaTransaction, parts: Requesting, account: Account, deadline: Deadline) {
  return transact(parts, movement, account, deadline, {
    refine: ({ errorName }) =>
      errorName === 'SlotInUse' ? new SlotInUseError(lower(account.address), slot) : undefined,
  })
}

export class AmountError extends EnigmaError {
  override readonly name = 'AmountError'
  readonly code = 'AMOUNT'
  constructor(amountGwei: bigint) {
    super(`${amountGwei} gwei is no amount to fund a slot with.`, { hint: 'Give a positive number of gwei.' })
  }
}
