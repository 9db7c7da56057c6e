import { x25519 as reference } from '@noble/curves/ed25519.js'
import { expect, test } from 'vitest'
import { bytesToHex, type Hex, hexToBytes, keccak256, utf8 } from './bytes.ts'
import { x25519 } from './x25519.ts'

/** RFC 7748, section 6.1. */
const ALICE = {
  secretKey: '0x77076d0a7318a57d3c16c17251b26645b99a0d99c8a3b4d3fb8ce6ea4c5b8ef1',
  publicKey: '0x8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
} as const
const BOB = {
  secretKey: '0x5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb',
  publicKey: '0xde9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f',
} as const
const SHARED = '0x4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742'

const bytes = (hex: Hex) => hexToBytes(hex)

test('makes the keys and the shared secret of RFC 7748', () => {
  expect(bytesToHex(x25519.getPublicKey(bytes(BOB.secretKey)))).toBe(BOB.publicKey)
  expect(bytesToHex(x25519.getSharedSecret(bytes(BOB.secretKey), bytes(ALICE.publicKey)))).toBe(SHARED)
})

test('agrees with noble’s own, and refuses points of low order', () => {
  for (let i = 0; i < 32; i++) {
    const [mine, theirs] = [bytes(keccak256(utf8(`mine ${i}`))), bytes(keccak256(utf8(`theirs ${i}`)))]
    const publicKey = x25519.getPublicKey(theirs)
    expect(publicKey).toEqual(reference.getPublicKey(theirs))
    expect(x25519.getSharedSecret(mine, publicKey)).toEqual(
      reference.getSharedSecret(theirs, x25519.getPublicKey(mine)),
    )
  }
  expect(() => x25519.getSharedSecret(bytes(BOB.secretKey), new Uint8Array(32))).toThrow()
})
