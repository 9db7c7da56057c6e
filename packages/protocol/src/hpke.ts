/**
 * Hybrid public key encryption, RFC 9180: base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, one message
 * a key. Any standard library opens what this seals; the tests prove it with one.
 */
import { expand, extract } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8 } from './bytes.ts'
import { type HpkeCrypto, randomBytes, webCrypto } from './crypto.ts'
import { EnigmaError } from './errors.ts'

/** X25519 keys, public and secret, and encapsulated keys. */
export const KEY_BYTES = 32
/** What AES-GCM adds to a message. */
export const TAG_BYTES = 16

const NONE = new Uint8Array(0)
const KEM_ID = u16(0x0020)
const KDF_ID = u16(0x0001)
const AES_256_GCM = { id: 0x0002, keyBytes: 32 } as const

type Seal = {
  recipient: Uint8Array
  info: Uint8Array
  aad: Uint8Array
  plaintext: Uint8Array
  /** Where the same bytes must come out twice. Never the same for two messages to one recipient; random if not given. */
  ephemeralSecret?: Uint8Array | undefined
}

export async function hpkeSeal(
  { recipient, info, aad, plaintext, ephemeralSecret = randomBytes(KEY_BYTES) }: Seal,
  crypto: HpkeCrypto = webCrypto,
): Promise<{ enc: Uint8Array; ciphertext: Uint8Array }> {
  const [enc, dh] = await Promise.all([
    crypto.publicKey(ephemeralSecret),
    sharedPoint(crypto, ephemeralSecret, recipient),
  ])
  if (dh === null) throw new PublicKeyError()
  const { key, nonce } = keySchedule(kemSecret(dh, enc, recipient), info)
  return { enc, ciphertext: await crypto.sealAes256Gcm(key, nonce, aad, plaintext) }
}

type Open = {
  publicKey: Uint8Array
  secretKey: Uint8Array
  enc: Uint8Array
  info: Uint8Array
  aad: Uint8Array
  ciphertext: Uint8Array
}

/** Returns null where the message is not for this key, context and purpose, or was changed. */
export async function hpkeOpen(
  { publicKey, secretKey, enc, info, aad, ciphertext }: Open,
  crypto: HpkeCrypto = webCrypto,
): Promise<Uint8Array | null> {
  const dh = await sharedPoint(crypto, secretKey, enc)
  if (dh === null) return null
  const { key, nonce } = keySchedule(kemSecret(dh, enc, publicKey), info)
  return crypto.openAes256Gcm(key, nonce, aad, ciphertext)
}

/** A shared secret of zeros comes from a point of low order and is known to everybody (RFC 9180, 7.1.4). */
async function sharedPoint(
  crypto: HpkeCrypto,
  secretKey: Uint8Array,
  publicKey: Uint8Array,
): Promise<Uint8Array | null> {
  if (publicKey.length !== KEY_BYTES) return null
  const dh = await crypto.dh(secretKey, publicKey)
  return dh === null || dh.every((byte) => byte === 0) ? null : dh
}

/** RFC 9180, 4.1: ExtractAndExpand. */
export function kemSecret(dh: Uint8Array, enc: Uint8Array, recipient: Uint8Array): Uint8Array {
  const suite = concatBytes(utf8('KEM'), KEM_ID)
  const prk = labeledExtract(suite, NONE, 'eae_prk', dh)
  return labeledExpand(suite, prk, 'shared_secret', concatBytes(enc, recipient), 32)
}

/** RFC 9180, 5.1: KeySchedule in base mode, for sequence number 0. */
export function keySchedule(
  sharedSecret: Uint8Array,
  info: Uint8Array,
  aead: { id: number; keyBytes: number } = AES_256_GCM,
): { key: Uint8Array; nonce: Uint8Array } {
  const suite = concatBytes(utf8('HPKE'), KEM_ID, KDF_ID, u16(aead.id))
  const pskIdHash = labeledExtract(suite, NONE, 'psk_id_hash', NONE)
  const infoHash = labeledExtract(suite, NONE, 'info_hash', info)
  const context = concatBytes(new Uint8Array([0x00]), pskIdHash, infoHash)
  const secret = labeledExtract(suite, sharedSecret, 'secret', NONE)
  return {
    key: labeledExpand(suite, secret, 'key', context, aead.keyBytes),
    nonce: labeledExpand(suite, secret, 'base_nonce', context, 12),
  }
}

export function labeledExtract(suite: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array): Uint8Array {
  return extract(sha256, concatBytes(utf8('HPKE-v1'), suite, utf8(label), ikm), salt)
}

export function labeledExpand(
  suite: Uint8Array,
  prk: Uint8Array,
  label: string,
  info: Uint8Array,
  length: number,
): Uint8Array {
  return expand(sha256, prk, concatBytes(u16(length), utf8('HPKE-v1'), suite, utf8(label), info), length)
}

function u16(value: number): Uint8Array {
  return new Uint8Array([value >> 8, value & 0xff])
}

/** Thrown when a public key to seal to is a point of low order, or has another length. */
export class PublicKeyError extends EnigmaError {
  override readonly name = 'Hpke.PublicKeyError'
  readonly code = 'INVALID_PUBLIC_KEY'
  constructor() {
    super('Nothing can be sealed to this X25519 public key: everybody could open it.', {
      hint: 'Take the key of a verified quote; no honest key pair has such a public key.',
    })
  }
}
