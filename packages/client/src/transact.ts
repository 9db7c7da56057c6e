/** A verb that is one transaction, from the first try to its receipt. */
import type { Hex } from '@enigma/protocol'
import type { Account } from 'viem'
import type { Deadline } from './clock.ts'
import { waitForReceipt } from './receipt.ts'
import type { Requesting } from './request-task.ts'
import { type EnigmaTransaction, RefusedError } from './send.ts'

export type Moved = { txHash: Hex; gas: bigint }

/** `refine` gives the contract's refusals that a caller can act on names of their own. */
export async function transact(
  { reader, sender, pollMs }: Requesting,
  transaction: EnigmaTransaction,
  account: Account,
  deadline: Deadline,
  { taskId, refine }: { taskId?: Hex; refine?(refusal: RefusedError): Error | undefined },
): Promise<Moved> {
  const sent = await sender
    .send(account, async () => transaction, deadline)
    .catch((error: unknown) => {
      throw (error instanceof RefusedError && refine?.(error)) || error
    })
  deadline.sent({ txHash: sent.hash, ...(taskId ? { taskId } : {}) })
  const receipt = await waitForReceipt(reader, sent, pollMs, deadline)
  return { txHash: sent.hash, gas: receipt.gasUsed }
}
