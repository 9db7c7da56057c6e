/**
 * ECDSA P-256 over SHA-256, and a memory of what has already been verified.
 *
 * Nine of the eleven signatures behind a quote are its collateral's and its CAs', the same for months. A signature that
 * verified once is a fact and remembered by the hash of key, signature and message; only success is, so the memory
 * saves work and can never change a verdict. Dates and revocations are checked anew each time.
 */
import { bytesToHex, concatBytes } from '@enigma/protocol'
import { weierstrass } from '@noble/curves/abstract/weierstrass.js'
import { sha256 } from '@noble/hashes/sha2.js'

/** Verifies `signature` (r ‖ s, any s) by `publicKey` (0x04 ‖ x ‖ y) over SHA-256 of `message`. Never throws. */
export type VerifyP256 = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean

/**
 * The default: runs in browser and Node alike.
 *
 * SEC 1, 4.1.4, on noble's curve; noble's own export brings signing, recovery and DER into every page, 3 kB of them.
 */
export const verifyWithNoble: VerifyP256 = (publicKey, message, signature) => {
  try {
    const { BASE, Fn } = Point
    // Throws unless each half has 32 bytes and is below the order.
    const [r, s] = [Fn.fromBytes(signature.subarray(0, 32)), Fn.fromBytes(signature.subarray(32))]
    // Intel does not normalise s, so high values are genuine.
    if (r === 0n || s === 0n) return false
    const key = Point.fromBytes(publicKey)
    const hash = Fn.create(BigInt(bytesToHex(sha256(message))))
    const inverse = Fn.inv(s)
    const sum = BASE.mulAddUnsafe(Fn.mul(hash, inverse), key, Fn.mul(r, inverse))
    return !sum.is0() && Fn.create(sum.x) === r
  } catch {
    return false
  }
}

/** P-256 (FIPS 186-5, SP 800-186). Its cofactor is 1, so every point of it but infinity, which no bytes stand for, is a key. */
const Point = /* @__PURE__ */ weierstrass({
  p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
  n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  h: 1n,
  a: 0xffffffff00000001000000000000000000000000fffffffffffffffffffffffcn,
  b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  Gx: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  Gy: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
})

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
