/**
 * ECDSA P-256 over SHA-256, and a memory of what has already been verified.
 *
 * Nine of the eleven signatures behind a quote are its collateral's and its CAs', the same for months. A signature that
 * verified once is a fact and remembered by the hash of key, signature and message; only success is, so the memory
 * saves work and can never change a verdict. Dates and revocations are checked anew each time.
 */
import { bytesToHex, concatBytes } from '@enigma/protocol'
import { p256 } from '@noble/curves/nist.js'
import { sha256 } from '@noble/hashes/sha2.js'

/** Verifies `signature` (r ‖ s, any s) by `publicKey` (0x04 ‖ x ‖ y) over SHA-256 of `message`. Never throws. */
export type VerifyP256 = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean

/** The default: runs in browser and Node alike. */
export const verifyWithNoble: VerifyP256 = (publicKey, message, signature) => {
  try {
    // Intel does not normalise s, so high values are genuine. `prehash` makes noble hash the message with SHA-256.
    return p256.verify(signature, message, publicKey, { prehash: true, lowS: false, format: 'compact' })
  } catch {
    return false
  }
}

/** Verifies as `verify` does, and answers at once what it has seen to be true. */
export function rememberingSignatures(verify: VerifyP256): VerifyP256 {
  const known = memories.get(verify) ?? new Set<string>()
  memories.set(verify, known)
  return (publicKey, message, signature) => {
    // Fixed lengths: otherwise two pairs of key and signature could read as the same bytes.
    if (publicKey.length !== 65 || signature.length !== 64) return false
    const key = bytesToHex(sha256(concatBytes(publicKey, signature, sha256(message))))
    if (known.has(key)) return true
    if (!verify(publicKey, message, signature)) return false
    known.add(key)
    for (const oldest of known) {
      if (known.size <= CAPACITY) break
      known.delete(oldest)
    }
    return true
  }
}

/** The collateral of many kinds of platform and the quotes of some hundred workers, at 150 bytes an entry. */
const CAPACITY = 1024

/** One memory per implementation: what a faulty one believes must not spread to the others. */
const memories = new WeakMap<VerifyP256, Set<string>>()
