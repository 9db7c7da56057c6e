/**
 * What does Core sign?
 *
 * Receipts and nothing else. Each says how one task ended on one block; two that differ for the same task and block
 * would cost this signer its seats (S23), so every input of a receipt is a function of the task and the chain.
 */
import { keccak256, type Network, receiptDigest, type Status } from '@enigma/protocol'
import type { AdmittedTask } from './admit.ts'
import type { SignedReceipt } from './calls.ts'
import type { Identity } from './identity.ts'

export type Ending = { status: Status; output: Uint8Array }

export function signReceipt(
  { network, identity }: { network: Network; identity: Identity },
  { taskId, task, view }: AdmittedTask,
  { status, output }: Ending,
): SignedReceipt {
  const digest = receiptDigest(network, {
    taskId,
    anchor: view.header.hash,
    codeHash: task.codeHash,
    inputsHash: task.inputsHash,
    outputHash: keccak256(output),
    status,
  })
  return { kind: 'receipt', taskId, status, output, digest, ...identity.sign(digest) }
}
