/**
 * A task's inputs, sealed to the one to three workers that may run it (envelope kind 1).
 *
 * One random content key, wrapped for each worker by HPKE. AES-GCM alone would let a sender craft one ciphertext that
 * opens differently under two keys, so a commitment to the content key stands in the open: no two workers ever see
 * different inputs.
 */
import { abiBytes, abiEncode, abiFixedBytes, MalformedAbiError, parseBytes32AndBytes } from './abi.ts'
import { bytesToHex, concatBytes, equalBytes, type Hex, hexToBytes, keccak256, parseHex, utf8 } from './bytes.ts'
import type { InputContext } from './context.ts'
import { type HpkeCrypto, randomBytes, webCrypto } from './crypto.ts'
import {
  type Envelope,
  EnvelopeError,
  envelopeHead,
  envelopeInfo,
  type InputsParts,
  KIND,
  keyIdOf,
  parseEnvelope,
} from './envelope.ts'
import { hpkeOpen, hpkeSeal, KEY_BYTES } from './hpke.ts'
import { hkdf32 } from './kdf.ts'
import { RANKS } from './limits.ts'
import { MIN_PADDED, pad, unpad } from './padding.ts'

export type KeyPair = { /** X25519 */ publicKey: Hex; secretKey: Uint8Array }

export type SealInputs = {
  /** X25519 public keys of the selected workers, 1 to 3. */
  recipients: readonly Hex[]
  context: InputContext
  /** X25519 public key for private answers; zeros for none. */
  replyKey: Hex
  /** ABI encoding for the private function; empty if it takes none. */
  args: Uint8Array
}

export type OpenedInputs = {
  replyKey: Hex
  args: Uint8Array
  /** The ephemeral key for sealing why the task failed, see `sealReason`. The content key itself stays in here. */
  reasonKey(taskId: Hex, anchor: Hex, padded: Uint8Array): Uint8Array
}

const NONCE = new Uint8Array(12)

export async function sealInputs(inputs: SealInputs, crypto: HpkeCrypto = webCrypto): Promise<Envelope> {
  return sealInputsWith(inputs, { contentKey: randomBytes(32), ephemeralSecrets: [] }, crypto)
}

/** With its randomness given: for test vectors only. A content key must never be used twice. */
export async function sealInputsWith(
  { recipients, context, replyKey, args }: SealInputs,
  { contentKey, ephemeralSecrets }: { contentKey: Uint8Array; ephemeralSecrets: readonly Uint8Array[] },
  crypto: HpkeCrypto,
): Promise<Envelope> {
  const keys = recipients.map((key) => hexToBytes(parseHex(key, { bytes: KEY_BYTES, what: 'recipient' })))
  const keyIds = recipients.map((key) => hexToBytes(keyIdOf(key)))
  const different = new Set(keyIds.map(bytesToHex)).size
  if (keys.length < 1 || keys.length > RANKS || different !== keys.length) {
    throw new EnvelopeError(
      'ENVELOPE_BAD_RECIPIENTS',
      `it would have ${keys.length} recipients, ${different} different`,
    )
  }
  const message = abiEncode(abiFixedBytes(replyKey), abiBytes(args))
  const head = envelopeHead(KIND.inputs, keys.length)
  const wrapAad = concatBytes(head, ...keyIds, context)
  const block: Uint8Array[] = []
  for (const [i, recipient] of keys.entries()) {
    const { enc, ciphertext } = await hpkeSeal(
      {
        recipient,
        info: envelopeInfo(KIND.inputs),
        aad: wrapAad,
        plaintext: contentKey,
        ephemeralSecret: ephemeralSecrets[i],
      },
      crypto,
    )
    block.push(keyIds[i] as Uint8Array, enc, ciphertext)
  }
  const outside = concatBytes(head, ...block, commitmentOf(contentKey))
  const bodyAad = concatBytes(outside, context)
  const body = await crypto.sealAes256Gcm(bodyKeyOf(contentKey), NONCE, bodyAad, pad(message, MIN_PADDED.inputs))
  const envelope = concatBytes(outside, body)
  // Reads its own work: what is too long would be refused by every worker after the fee is paid.
  parseEnvelope(envelope)
  return envelope as Envelope
}

/** Opens inputs with whichever of `keys` they are addressed to. Throws `EnvelopeError`. */
export async function openInputs(
  { envelope, context, keys }: { envelope: Uint8Array; context: InputContext; keys: readonly KeyPair[] },
  crypto: HpkeCrypto = webCrypto,
): Promise<OpenedInputs> {
  const parts = parseEnvelope(envelope)
  if (parts.kind !== KIND.inputs) throw new EnvelopeError('ENVELOPE_WRONG_KIND', `its kind is ${parts.kind}, not 1`)
  const contentKey = await unwrap(parts, context, keys, crypto)
  const bodyAad = concatBytes(parts.head, parts.recipientsBlock, parts.commitment, context)
  const padded = await crypto.openAes256Gcm(bodyKeyOf(contentKey), NONCE, bodyAad, parts.body)
  if (padded === null) throw new EnvelopeError('ENVELOPE_DOES_NOT_OPEN', 'its body does not open')
  const { replyKey, args } = parseMessage(padded)
  return { replyKey, args, reasonKey: (taskId, anchor, reason) => reasonKeyOf(contentKey, taskId, anchor, reason) }
}

/** A key id is a hint of 8 bytes that others may share, so every own key that fits is tried. */
async function unwrap(
  { head, recipients, commitment }: InputsParts,
  context: InputContext,
  keys: readonly KeyPair[],
  crypto: HpkeCrypto,
): Promise<Uint8Array> {
  const aad = concatBytes(head, ...recipients.map(({ keyId }) => hexToBytes(keyId)), context)
  let isAddressed = false
  for (const { publicKey, secretKey } of keys) {
    const recipient = recipients.find(({ keyId }) => keyId === keyIdOf(publicKey))
    if (recipient === undefined) continue
    isAddressed = true
    const { enc, wrapped } = recipient
    const contentKey = await hpkeOpen(
      { publicKey: hexToBytes(publicKey), secretKey, enc, info: envelopeInfo(KIND.inputs), aad, ciphertext: wrapped },
      crypto,
    )
    if (contentKey !== null && equalBytes(commitmentOf(contentKey), commitment)) return contentKey
  }
  if (!isAddressed) throw new EnvelopeError('ENVELOPE_NOT_ADDRESSED', 'none of these keys is a recipient')
  throw new EnvelopeError('ENVELOPE_DOES_NOT_OPEN', 'its content key does not open')
}

function parseMessage(padded: Uint8Array): { replyKey: Hex; args: Uint8Array } {
  const message = unpad(padded, MIN_PADDED.inputs)
  if (message === null) throw new EnvelopeError('ENVELOPE_BAD_MESSAGE', 'its padding is wrong')
  try {
    const { first: replyKey, second: args } = parseBytes32AndBytes(message)
    return { replyKey, args }
  } catch (error) {
    if (!(error instanceof MalformedAbiError)) throw error
    // Without the cause: its text speaks of the plaintext.
    throw new EnvelopeError('ENVELOPE_BAD_MESSAGE', 'its message is no reply key with arguments')
  }
}

function commitmentOf(contentKey: Uint8Array): Uint8Array {
  return hkdf32(contentKey, { info: utf8('enigma/envelope-commit/v1') })
}

function bodyKeyOf(contentKey: Uint8Array): Uint8Array {
  return hkdf32(contentKey, { info: utf8('enigma/envelope-body/v1') })
}

function reasonKeyOf(contentKey: Uint8Array, taskId: Hex, anchor: Hex, padded: Uint8Array): Uint8Array {
  const info = abiEncode(abiFixedBytes(taskId), abiFixedBytes(anchor), abiFixedBytes(keccak256(padded)))
  return hkdf32(contentKey, { salt: 'enigma/reason/v1', info })
}
