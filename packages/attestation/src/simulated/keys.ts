/**
 * Keys that follow from names: two processes that agree on a name hold the same keys, without a file between them.
 *
 * Whoever reads this line can compute them all, the root's included. That is what NOT INTEL means.
 */
import { concatBytes, utf8 } from '@enigma/protocol'
import { p256 } from '@noble/curves/nist.js'
import { sha256 } from '@noble/hashes/sha2.js'

export type SigningKey = {
  readonly secret: Uint8Array
  /** 0x04 ‖ x ‖ y */
  readonly public: Uint8Array
}

/** `length` bytes (at most 32) that follow from a name. */
export function derive(name: string, length = 32): Uint8Array {
  return sha256(utf8(`enigma/simulated-pki/v1/${name}`)).slice(0, length)
}

export function deriveKey(name: string): SigningKey {
  // A hash is below the order of P-256's group but for one name in 2^32, and then `getPublicKey` says so.
  const secret = derive(`key/${name}`)
  return { secret, public: p256.getPublicKey(secret, false) }
}

/** A positive serial number of 20 bytes, as Intel's are. */
export function deriveSerial(name: string): Uint8Array {
  const serial = concatBytes(derive(`serial/${name}`, 20))
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40
  return serial
}

/** ECDSA over SHA-256; deterministic (RFC 6979). s is left as it falls, since Intel does not normalise it either. */
export function sign(key: SigningKey, message: Uint8Array, format: 'der' | 'compact'): Uint8Array {
  return p256.sign(message, key.secret, { prehash: true, lowS: false, format })
}
