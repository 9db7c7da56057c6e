/** Waits for a transaction to be mined, through outages of the RPC. */
import { EnigmaError, type Hex } from '@enigma/protocol'
import type { TransactionReceipt } from 'viem'
import { getTransactionReceipt } from 'viem/actions'
import type { Sent } from './broadcast.ts'
import type { Deadline } from './clock.ts'
import type { ChainClient } from './connection.ts'

export async function waitForReceipt(
  client: ChainClient,
  { hash, again, done }: Sent,
  pollMs: number,
  deadline: Deadline,
): Promise<TransactionReceipt> {
  try {
    for (;;) {
      deadline.check()
      // Not mined yet and RPC down look alike from here, and call for the same: asking again.
      const receipt = await deadline.race(getTransactionReceipt(client, { hash }).catch(() => undefined))
      if (receipt?.status === 'success') return receipt
      if (receipt) throw new TransactionRevertedError(hash, receipt.gasUsed)
      await deadline.race(again())
      await deadline.sleep(pollMs)
    }
  } finally {
    done()
  }
}

/** It was mined and refused: its gas is spent, and nothing else. */
export class TransactionRevertedError extends EnigmaError {
  override readonly name = 'TransactionRevertedError'
  readonly code = 'TRANSACTION_REVERTED'
  readonly txHash: Hex
  readonly gas: bigint
  constructor(txHash: Hex, gas: bigint) {
    super(`Transaction ${txHash} was mined and reverted; ${gas} gas are spent, the fee is not.`, {
      hint: 'What it was tried against had changed by then, most often the epoch. Ask again.',
    })
    this.txHash = txHash
    this.gas = gas
  }
}
