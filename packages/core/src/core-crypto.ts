/**
 * HPKE's primitives on OpenSSL, for inside Core.
 *
 * Constant-time, unlike AES or X25519 written in JavaScript, whose tables and big integers a co-tenant could watch.
 */
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type KeyObject,
} from 'node:crypto'
import type { HpkeCrypto } from '@enigma/protocol'

/** RFC 8410: the fixed bytes around a raw X25519 key. */
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex')
const SPKI = Buffer.from('302a300506032b656e032100', 'hex')
const TAG_BYTES = 16

export const coreCrypto: HpkeCrypto = {
  publicKey: (secretKey) => {
    // As a JWK (RFC 8037), which OpenSSL writes a twentieth of the time that it takes for DER.
    const { x } = createPublicKey(privateKeyOf(secretKey)).export({ format: 'jwk' })
    return new Uint8Array(Buffer.from(x as string, 'base64url'))
  },
  dh: (secretKey, publicKey) => {
    const theirs = createPublicKey({ key: Buffer.concat([SPKI, publicKey]), format: 'der', type: 'spki' })
    try {
      return new Uint8Array(diffieHellman({ privateKey: privateKeyOf(secretKey), publicKey: theirs }))
    } catch (error) {
      // OpenSSL refuses to derive from a point of low order. Anything else is a defect and must not look like one.
      if (error instanceof Error && 'code' in error && error.code === 'ERR_OSSL_FAILED_DURING_DERIVATION') return null
      throw error
    }
  },
  sealAes256Gcm: (key, nonce, aad, plaintext) => {
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aad)
    return new Uint8Array(Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]))
  },
  openAes256Gcm: (key, nonce, aad, ciphertext) => {
    if (ciphertext.length < TAG_BYTES) return null
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
    const end = ciphertext.length - TAG_BYTES
    decipher.setAAD(aad).setAuthTag(ciphertext.subarray(end))
    const plaintext = decipher.update(ciphertext.subarray(0, end))
    try {
      decipher.final()
    } catch {
      // The one thing that `final` can find wrong in GCM is the tag.
      plaintext.fill(0)
      return null
    }
    return new Uint8Array(plaintext)
  },
}

/**
 * By the very bytes they came from, and no longer than these live: an envelope's ephemeral key is used twice, a contract's for
 * each opening, and OpenSSL takes longer to read a key than to use it.
 */
const privateKeys = new WeakMap<Uint8Array, KeyObject>()

function privateKeyOf(secretKey: Uint8Array): KeyObject {
  const known = privateKeys.get(secretKey)
  if (known) return known
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, secretKey]), format: 'der', type: 'pkcs8' })
  privateKeys.set(secretKey, key)
  return key
}
