/**
 * Which keys does a worker's Core hold?
 *
 * A signer for receipts and X25519 keys for task inputs, all born here and never shown. A new input key comes with each
 * attestation; the last four stay, because tasks sealed to a registration may still arrive when the next one begins.
 */

import {
  type Address,
  bytesToHex,
  type CompactSignature,
  concatBytes,
  type Hex,
  type KeyPair,
  signDigest,
  signerAddress,
} from '@enigma/protocol'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { coreCrypto } from './core-crypto.ts'
import { CoreError } from './errors.ts'
import type { Platform } from './platform/platform.ts'

const KEPT_INPUT_KEYS = 4
const SECRET_BYTES = 32

export class Identity {
  readonly signer: Address
  /** Oldest first. */
  readonly inputKeys: readonly KeyPair[]
  readonly #signerSecret: Uint8Array

  private constructor(signerSecret: Uint8Array, inputKeys: readonly KeyPair[]) {
    this.#signerSecret = signerSecret
    this.signer = signerAddress(signerSecret)
    this.inputKeys = inputKeys
  }

  static born(platform: Platform): Identity {
    let secret = platform.random(SECRET_BYTES)
    while (!secp256k1.utils.isValidSecretKey(secret)) secret = platform.random(SECRET_BYTES)
    return new Identity(secret, [])
  }

  /** The same signer with one more input key. A new object, so that a failed attestation changes nothing. */
  async withNewInputKey(platform: Platform): Promise<Identity> {
    const fresh = await keyPairOf(platform.random(SECRET_BYTES))
    return new Identity(this.#signerSecret, [...this.inputKeys, fresh].slice(-KEPT_INPUT_KEYS))
  }

  /** The key that the next inputs are sealed to. */
  get newestInputKey(): Hex {
    const newest = this.inputKeys.at(-1)
    if (newest === undefined) throw new CoreError('NO_IDENTITY')
    return newest.publicKey
  }

  /** Of receipts and key messages only: a signature over a digest of the caller's choice would be a way to forge them. */
  sign(digest: Hex): CompactSignature {
    return signDigest(digest, this.#signerSecret)
  }

  /** signer 32 ‖ input keys, 32 each. */
  toSecret(): Uint8Array {
    return concatBytes(this.#signerSecret, ...this.inputKeys.map(({ secretKey }) => secretKey))
  }

  static async fromSecret(secret: Uint8Array): Promise<Identity> {
    const parts = Array.from({ length: secret.length / SECRET_BYTES }, (_, i) =>
      secret.slice(SECRET_BYTES * i, SECRET_BYTES * (i + 1)),
    )
    const [signerSecret, ...inputSecrets] = parts
    if (signerSecret === undefined) throw new CoreError('SEALED_DOES_NOT_OPEN')
    return new Identity(signerSecret, await Promise.all(inputSecrets.map(keyPairOf)))
  }
}

async function keyPairOf(secretKey: Uint8Array): Promise<KeyPair> {
  return { secretKey, publicKey: bytesToHex(await coreCrypto.publicKey(secretKey)) }
}
