/**
 * What does Core sign about tasks?
 *
 * Receipts, and batches of receipts that it signed itself, and nothing else. Each receipt says how one task ended on one
 * block; two that differ for the same task and block would cost this signer its seats (S23), so every input of a receipt is a
 * function of the task and the chain. A batch adds no statement of its own: it only says the same of several at once.
 */
import {
  batchDigest,
  type CompactSignature,
  type Hex,
  keccak256,
  type Network,
  type Receipt,
  receiptDigest,
  receiptHash,
  type Status,
} from '@enigma/protocol'
import type { AdmittedTask } from './admit.ts'
import type { SignedReceipt } from './calls.ts'
import { CoreError } from './errors.ts'
import type { Identity } from './identity.ts'

export type Ending = { status: Status; output: Uint8Array }

/** Receipts that a batch may be made of: minutes of the fastest worker's, in half a megabyte. */
export const REMEMBERED_RECEIPTS = 4_096

/** Of one signer: a Core has one for its life. What it signed is forgotten with the process. */
export class Receipts {
  readonly #network: Network
  /** Their hashes in a batch; oldest first. */
  readonly #signed = new Set<Hex>()

  constructor(network: Network) {
    this.#network = network
  }

  sign(identity: Identity, { taskId, task, view }: AdmittedTask, { status, output }: Ending): SignedReceipt {
    const { codeHash, inputsHash } = task
    const receipt = { taskId, anchor: view.header.hash, codeHash, inputsHash, outputHash: keccak256(output), status }
    this.#remember(receipt)
    const digest = receiptDigest(this.#network, receipt)
    return { kind: 'receipt', taskId, status, output, digest, ...identity.sign(digest) }
  }

  /** One signature over receipts that were signed here, each given by its `receiptHash`. */
  signBatch(identity: Identity, receipts: readonly Hex[]): CompactSignature {
    if (!receipts.every((hash) => this.#signed.has(hash))) throw new CoreError('UNKNOWN_RECEIPT')
    return identity.sign(batchDigest(this.#network, receipts))
  }

  #remember(receipt: Receipt): void {
    const hash = receiptHash(receipt)
    // A task that is run again is as young as a new one.
    this.#signed.delete(hash)
    this.#signed.add(hash)
    const [oldest] = this.#signed
    if (this.#signed.size > REMEMBERED_RECEIPTS && oldest) this.#signed.delete(oldest)
  }
}
