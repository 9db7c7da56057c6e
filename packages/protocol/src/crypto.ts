/**
 * The primitives that HPKE stands on, handed in, so that each side uses what is best where it runs.
 *
 * The client takes `webCrypto`, which runs in browsers and in Node. Core brings its own on OpenSSL: constant-time, and
 * synchronous, which is why every function may return its value or a promise of it.
 */
import { EnigmaError } from './errors.ts'
import { publicKeyOf, sharedSecretOf } from './x25519.ts'

type Awaitable<T> = T | Promise<T>

export type HpkeCrypto = {
  /** X25519 (RFC 7748), base point. */
  publicKey(secretKey: Uint8Array): Awaitable<Uint8Array>
  /** X25519. Returns null (or 32 zeros) for a public key of low order; throws only where the machine fails. */
  dh(secretKey: Uint8Array, publicKey: Uint8Array): Awaitable<Uint8Array | null>
  /** AES-256-GCM: ciphertext ‖ 16 bytes of tag. */
  sealAes256Gcm(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Awaitable<Uint8Array>
  /**
   * Returns null where the tag does not fit; throws only where the machine fails.
   * The two must not be mixed: "does not open" becomes a signed verdict on the task, an out-of-memory must not.
   */
  openAes256Gcm(
    key: Uint8Array,
    nonce: Uint8Array,
    aad: Uint8Array,
    ciphertext: Uint8Array,
  ): Awaitable<Uint8Array | null>
}

export const webCrypto: HpkeCrypto = {
  publicKey: publicKeyOf,
  // Lengths are checked before, so what it refuses is a point of low order.
  dh: sharedSecretOf,
  async sealAes256Gcm(key, nonce, aad, plaintext) {
    const algorithm = { name: 'AES-GCM', iv: own(nonce), additionalData: own(aad) }
    return new Uint8Array(await subtle().encrypt(algorithm, await aesKey(key, 'encrypt'), own(plaintext)))
  },
  async openAes256Gcm(key, nonce, aad, ciphertext) {
    const algorithm = { name: 'AES-GCM', iv: own(nonce), additionalData: own(aad) }
    const opener = await aesKey(key, 'decrypt')
    try {
      return new Uint8Array(await subtle().decrypt(algorithm, opener, own(ciphertext)))
    } catch (error) {
      // The name that the Web Cryptography API gives to a tag that does not fit (section 29.4.2).
      if (error instanceof Error && error.name === 'OperationError') return null
      throw error
    }
  },
}

/** 32 fresh bytes or more, from the platform's generator. */
export function randomBytes(length: number): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(length))
}

function aesKey(key: Uint8Array, usage: 'encrypt' | 'decrypt'): Promise<CryptoKey> {
  return subtle().importKey('raw', own(key), 'AES-GCM', false, [usage])
}

function subtle(): SubtleCrypto {
  if (globalThis.crypto?.subtle === undefined) throw new NoWebCryptoError()
  return globalThis.crypto.subtle
}

/** A copy of its own: the API takes no view on memory that might be shared. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes)
}

/** Thrown in pages that a browser does not trust with cryptography. */
export class NoWebCryptoError extends EnigmaError {
  override readonly name = 'Crypto.NoWebCryptoError'
  readonly code = 'NO_WEB_CRYPTO'
  constructor() {
    super('This page has no WebCrypto.', {
      hint: 'Browsers offer it to pages served over https or from localhost only.',
    })
  }
}
