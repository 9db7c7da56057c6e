/** Signatures: the signer over secp256k1 is recovered, one over P-256 (EIP-7951) is verified. A bad one answers nothing. */
import { p256 } from '@noble/curves/nist.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak256 } from '../keccak.ts'
import type { Precompile } from '../types.ts'
import { boolBytes, bytesAt, NOTHING, wordAt } from './input.ts'

/** hash · v · r · s, a word each. */
export const ecrecover: Precompile = {
  gas: () => 3_000n,
  run(input) {
    const v = wordAt(input, 32)
    if (v !== 27n && v !== 28n) return NOTHING
    const key = recover(bytesAt(input, 0, 32), wordAt(input, 64), wordAt(input, 96), Number(v - 27n))
    if (!key) return NOTHING
    const word = keccak256(key.subarray(1))
    word.fill(0, 0, 12)
    return word
  },
}

/** The uncompressed public key. Noble throws for whatever is not a signature, an `s` in the upper half is one. */
function recover(hash: Uint8Array, r: bigint, s: bigint, recovery: number): Uint8Array | undefined {
  try {
    return new secp256k1.Signature(r, s, recovery).recoverPublicKey(hash).toBytes(false)
  } catch {
    return undefined
  }
}

const P256_INPUT_BYTES = 160
const UNCOMPRESSED = 0x04

/** hash · r · s · x · y, a word each, and nothing else. */
export const p256Verify: Precompile = {
  gas: () => 6_900n,
  run(input) {
    if (input.length !== P256_INPUT_BYTES) return NOTHING
    const key = new Uint8Array(65)
    key[0] = UNCOMPRESSED
    key.set(input.subarray(96), 1)
    const isValid = p256.verify(input.slice(32, 96), input.slice(0, 32), key, { prehash: false, lowS: false })
    return isValid ? boolBytes(true) : NOTHING
  },
}
