/**
 * Why a private function failed, sealed to the requester's reply key alone (an envelope of kind 3).
 *
 * Every rank must produce the same bytes, so the ephemeral key derives from the content key that all of them hold.
 * It takes in the padded message and the anchor: one key never seals two different texts.
 */
import { type Address, type Hex, ZERO_HASH } from './bytes.ts'
import { replyContext } from './context.ts'
import { type HpkeCrypto, webCrypto } from './crypto.ts'
import { SEALED_OVERHEAD } from './envelope.ts'
import { PublicKeyError } from './hpke.ts'
import type { OpenedInputs } from './inputs.ts'
import { MIN_PADDED, pad } from './padding.ts'
import { sealReply } from './sealed.ts'

export type SealReason = {
  inputs: OpenedInputs
  networkHash: Hex
  dApp: Address
  taskId: Hex
  anchor: Hex
  /** What the function reverted with. */
  reason: Uint8Array
  /** Of the task; settlement refuses a longer output, a failure's too. */
  outputCap: number
}

/**
 * The output of a failed task. Empty where the requester gave no reply key, or one that nothing can be sealed to, and
 * where the sealed reason would pass the cap: rules that every rank applies alike, since the receipt covers the output.
 */
export async function sealReason(
  { inputs, networkHash, dApp, taskId, anchor, reason, outputCap }: SealReason,
  crypto: HpkeCrypto = webCrypto,
): Promise<Uint8Array> {
  const padded = pad(reason, MIN_PADDED.sealed)
  if (inputs.replyKey === ZERO_HASH || padded.length + SEALED_OVERHEAD > outputCap) return new Uint8Array(0)
  const ephemeralSecret = inputs.reasonKey(taskId, anchor, padded)
  const context = replyContext({ networkHash, dApp, taskId })
  try {
    return await sealReply({ recipient: inputs.replyKey, context, message: reason, ephemeralSecret }, crypto)
  } catch (error) {
    if (error instanceof PublicKeyError) return new Uint8Array(0)
    throw error
  }
}
