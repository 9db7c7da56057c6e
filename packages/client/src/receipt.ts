/**
 * Waits for a transaction to be mined, through outages of the RPC.
 *
 * A wallet's user may speed it up or cancel it: then another transaction takes its nonce, and its receipt never comes.
 */
import { EnigmaError, type Hex } from '@enigma/protocol'
import type { TransactionReceipt } from 'viem'
import { getTransaction, getTransactionCount, getTransactionReceipt } from 'viem/actions'
import type { Sent } from './broadcast.ts'
import type { Deadline } from './clock.ts'
import type { ChainClient } from './connection.ts'

/** Nodes behind a balancer may know of the nonce before they know of the receipt. */
const LOOKS_BEFORE_REPLACED = 5

/** `findElsewhere` tells which transaction does the same in its place, if any. */
export async function waitForReceipt(
  client: ChainClient,
  { hash: sentHash, account, nonce: ownNonce, again, done }: Sent,
  pollMs: number,
  deadline: Deadline,
  findElsewhere: () => Promise<Hex | undefined> = async () => undefined,
): Promise<TransactionReceipt> {
  let hash = sentHash
  let known = ownNonce === undefined ? undefined : { from: account, nonce: ownNonce }
  let looks = 0
  try {
    for (;;) {
      deadline.check()
      // Not mined yet and RPC down look alike from here, and call for the same: asking again.
      const receipt = await deadline.race(getTransactionReceipt(client, { hash }).catch(() => undefined))
      if (receipt?.status === 'success') return receipt
      if (receipt) throw new TransactionRevertedError(hash, receipt.gasUsed)
      await deadline.race(again())
      await deadline.race(lookElsewhere().catch(() => undefined))
      if (looks >= LOOKS_BEFORE_REPLACED) throw new TransactionReplacedError(sentHash)
      await deadline.sleep(pollMs)
    }
  } finally {
    done()
  }

  async function lookElsewhere(): Promise<void> {
    known ??= await getTransaction(client, { hash }).catch(() => undefined)
    if (known && (await getTransactionCount(client, { address: known.from, blockTag: 'latest' })) <= known.nonce) return
    // Past its nonce, or not known to the RPC at all; only the first is proof that it will never be mined.
    const other = await findElsewhere()
    if (other) hash = other
    else if (known) looks++
  }
}

/** Another transaction took its nonce: it will never be mined. */
export class TransactionReplacedError extends EnigmaError {
  override readonly name = 'TransactionReplacedError'
  readonly code = 'TRANSACTION_REPLACED'
  readonly txHash: Hex
  constructor(txHash: Hex) {
    super(`Transaction ${txHash} was replaced by another one of the same nonce, and is not mined.`, {
      hint: 'It was cancelled or sped up in the wallet; look there. A request that was cancelled may be made again.',
    })
    this.txHash = txHash
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
