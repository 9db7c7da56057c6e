/** A key of one call's own, to which the worker seals why the function failed. Nobody else learns the reason. */
import {
  type Address,
  bytesToHex,
  type Hex,
  hexToBytes,
  KEY_BYTES,
  openReply,
  parseHex,
  randomBytes,
  replyContext,
  webCrypto,
} from '@enigma/protocol'

export type ReplyKey = {
  readonly publicKey: Hex
  /** Opens an answer to this task. */
  open(sealed: Uint8Array, task: { networkHash: Hex; dApp: Address; taskId: Hex }): Promise<Uint8Array>
  /** The secret, for whoever wants to go on after a reload. Keep it as you would the answer. */
  exportSecret(): Hex
}

/** The secret stays in the closure, so that printing a task shows none. */
export async function createReplyKey(secret?: Hex): Promise<ReplyKey> {
  const secretKey = secret
    ? hexToBytes(parseHex(secret, { bytes: KEY_BYTES, what: 'reply secret' }))
    : randomBytes(KEY_BYTES)
  const publicKey = bytesToHex(await webCrypto.publicKey(secretKey))
  return {
    publicKey,
    open: (envelope, task) => openReply({ envelope, context: replyContext(task), keys: [{ publicKey, secretKey }] }),
    exportSecret: () => bytesToHex(secretKey),
  }
}
