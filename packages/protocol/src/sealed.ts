/**
 * A message sealed to one key: data at rest to a contract's (envelope kind 2), a private result to a person's (kind 3).
 *
 * Both are one HPKE message. They differ in info and context, so neither opens as the other.
 */
import { concatBytes, type Hex, hexToBytes, parseHex } from './bytes.ts'
import type { DataContext, ReplyContext } from './context.ts'
import { type HpkeCrypto, webCrypto } from './crypto.ts'
import {
  type Envelope,
  EnvelopeError,
  envelopeHead,
  envelopeInfo,
  KIND,
  keyIdOf,
  parseEnvelope,
  type SealedParts,
} from './envelope.ts'
import { hpkeOpen, hpkeSeal, KEY_BYTES } from './hpke.ts'
import type { KeyPair } from './inputs.ts'
import { MIN_PADDED, pad, unpad } from './padding.ts'

type Seal<Context> = {
  /** X25519 public key. */
  recipient: Hex
  context: Context
  message: Uint8Array
  /** Where the same bytes must come out twice; random if not given. Never the same for two messages. */
  ephemeralSecret?: Uint8Array
}
type Open<Context> = { envelope: Uint8Array; context: Context; keys: readonly KeyPair[] }

export function sealData(parts: Seal<DataContext>, crypto: HpkeCrypto = webCrypto): Promise<Envelope> {
  return seal(KIND.data, parts, crypto)
}

export function openData(parts: Open<DataContext>, crypto: HpkeCrypto = webCrypto): Promise<Uint8Array> {
  return open(KIND.data, parts, crypto)
}

export function sealReply(parts: Seal<ReplyContext>, crypto: HpkeCrypto = webCrypto): Promise<Envelope> {
  return seal(KIND.reply, parts, crypto)
}

export function openReply(parts: Open<ReplyContext>, crypto: HpkeCrypto = webCrypto): Promise<Uint8Array> {
  return open(KIND.reply, parts, crypto)
}

async function seal(
  kind: SealedParts['kind'],
  { recipient, context, message, ephemeralSecret }: Seal<Uint8Array>,
  crypto: HpkeCrypto,
): Promise<Envelope> {
  const key = hexToBytes(parseHex(recipient, { bytes: KEY_BYTES, what: 'recipient' }))
  const outside = concatBytes(envelopeHead(kind, 1), hexToBytes(keyIdOf(recipient)))
  const { enc, ciphertext } = await hpkeSeal(
    {
      recipient: key,
      info: envelopeInfo(kind),
      aad: concatBytes(outside, context),
      plaintext: pad(message, MIN_PADDED.sealed),
      ephemeralSecret,
    },
    crypto,
  )
  const envelope = concatBytes(outside, enc, ciphertext)
  // Reads its own work: what is too long would never open again.
  parseEnvelope(envelope)
  return envelope as Envelope
}

async function open(
  kind: SealedParts['kind'],
  { envelope, context, keys }: Open<Uint8Array>,
  crypto: HpkeCrypto,
): Promise<Uint8Array> {
  const parts = parseEnvelope(envelope)
  if (parts.kind !== kind) throw new EnvelopeError('ENVELOPE_WRONG_KIND', `its kind is ${parts.kind}, not ${kind}`)
  const { head, keyId, enc, ciphertext } = parts
  const own = keys.filter(({ publicKey }) => keyIdOf(publicKey) === keyId)
  if (own.length === 0) throw new EnvelopeError('ENVELOPE_NOT_ADDRESSED', 'none of these keys is its recipient')
  const aad = concatBytes(head, hexToBytes(keyId), context)
  for (const { publicKey, secretKey } of own) {
    const key = { publicKey: hexToBytes(publicKey), secretKey }
    const padded = await hpkeOpen({ ...key, enc, info: envelopeInfo(kind), aad, ciphertext }, crypto)
    if (padded === null) continue
    const message = unpad(padded, MIN_PADDED.sealed)
    if (message === null) throw new EnvelopeError('ENVELOPE_BAD_MESSAGE', 'its padding is wrong')
    return message
  }
  throw new EnvelopeError('ENVELOPE_DOES_NOT_OPEN', 'it was changed, or made for another key or context')
}
