import { bytesToHex, concatBytes, hexToBytes } from '@enigma/protocol'
import { p256 } from '@noble/curves/nist.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { describe, expect, test } from 'vitest'
import { rememberingSignatures, type VerifyP256, verifyWithNoble } from './p256.ts'
import { deriveKey, sign } from './simulated/keys.ts'
import { nodeP256 } from './testing/node-p256.ts'

const key = deriveKey('somebody')
const message = new Uint8Array(100).fill(3)
const signature = sign(key, message, 'compact')
const highS = (bytes: Uint8Array) => {
  const order = p256.Point.Fn.ORDER
  const s = order - BigInt(`0x${Buffer.from(bytes.subarray(32)).toString('hex')}`)
  return Uint8Array.from(
    Buffer.from(Buffer.from(bytes.subarray(0, 32)).toString('hex') + s.toString(16).padStart(64, '0'), 'hex'),
  )
}

function counting(): { verify: VerifyP256; calls: () => number } {
  let calls = 0
  const verify: VerifyP256 = (...args) => {
    calls++
    return verifyWithNoble(...args)
  }
  return { verify, calls: () => calls }
}

describe.each([
  ['noble', verifyWithNoble],
  ['Node', nodeP256],
])('P-256 by %s', (_name, verify) => {
  test('takes a signature over the message, with low or high s', () => {
    expect(verify(key.public, message, signature)).toBe(true)
    expect(verify(key.public, message, highS(signature))).toBe(true)
  })

  test.each([
    ['another message', key.public, message.subarray(1), signature],
    ['another key', deriveKey('other').public, message, signature],
    ['a signature of zeros', key.public, message, new Uint8Array(64)],
    ['a short signature', key.public, message, signature.subarray(1)],
    ['a long signature', key.public, message, concatBytes(signature, new Uint8Array(1))],
    ['a key off the curve', new Uint8Array(65).fill(4), message, signature],
    ['no key', new Uint8Array(), message, signature],
  ])('refuses %s without throwing', (_what, publicKey, signed, given) => {
    expect(verify(publicKey, signed, given)).toBe(false)
  })
})

describe('P-256 at its edges', () => {
  const { Point } = p256
  const { BASE, Fn } = Point
  const { ORDER } = Fn
  const scalar = (value: bigint) => hexToBytes(`0x${value.toString(16).padStart(64, '0')}`)
  const signatureOf = (r: bigint, s: bigint) => concatBytes(scalar(r), scalar(s))
  const hash = Fn.create(BigInt(bytesToHex(sha256(message))))
  const both = [verifyWithNoble, nodeP256]

  test('r and s are from 1 to the order less 1: what means the same beyond is refused', () => {
    const [r, s] = [signature.subarray(0, 32), signature.subarray(32)].map((half) => BigInt(bytesToHex(half))) as [
      bigint,
      bigint,
    ]
    const edges = [0n, ORDER, ORDER + 1n, 2n ** 256n - 1n]
    for (const verify of both) {
      for (const edge of edges) {
        expect(verify(key.public, message, signatureOf(edge, s))).toBe(false)
        expect(verify(key.public, message, signatureOf(r, edge))).toBe(false)
      }
    }
  })

  test('a sum at infinity is no signature', () => {
    const secret = 5n
    const publicKey = BASE.multiply(secret).toBytes(false)
    const r = Fn.mul(Fn.neg(hash), Fn.inv(secret))
    for (const verify of both) expect(verify(publicKey, message, signatureOf(r, 1n))).toBe(false)
  })

  test('an x beyond the order counts modulo the order', () => {
    let x = ORDER
    const atX = () => Point.fromBytes(concatBytes(Uint8Array.of(2), scalar(x)))
    const isOnCurve = () => {
      try {
        return atX() !== undefined
      } catch {
        return false
      }
    }
    do x++
    while (!isOnCurve())
    const [r, s] = [x - ORDER, 7n]
    const publicKey = BASE.mulAddUnsafe(Fn.neg(Fn.mul(hash, Fn.inv(r))), atX(), Fn.mul(s, Fn.inv(r))).toBytes(false)
    for (const verify of both) {
      expect(verify(publicKey, message, signatureOf(r, s))).toBe(true)
      expect(verify(publicKey, message, signatureOf(r + 1n, s))).toBe(false)
      expect(verify(publicKey, message, signatureOf(r, s + ORDER))).toBe(false)
      expect(verify(publicKey, message, signatureOf(r + ORDER, s))).toBe(false)
    }
  })

  test('with any bit flipped in key or signature, and of any key, it says what noble itself says', () => {
    const noble: VerifyP256 = (publicKey, signed, given) => {
      try {
        return p256.verify(given, signed, publicKey, { prehash: true, lowS: false, format: 'compact' })
      } catch {
        return false
      }
    }
    const flipped = (bytes: Uint8Array, bit: number) =>
      bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
    for (let bit = 0; bit < 8 * 64; bit += 5) {
      const given = flipped(signature, bit)
      expect(verifyWithNoble(key.public, message, given)).toBe(noble(key.public, message, given))
    }
    for (let bit = 0; bit < 8 * 65; bit += 5) {
      const given = flipped(key.public, bit)
      expect(verifyWithNoble(given, message, signature)).toBe(noble(given, message, signature))
    }
    for (let index = 0; index < 20; index++) {
      const other = deriveKey(`key ${index}`)
      const signed = Uint8Array.of(index)
      expect(verifyWithNoble(other.public, signed, sign(other, signed, 'compact'))).toBe(true)
    }
  })
})

describe('rememberingSignatures', () => {
  test('verifies what is true once, and what is false every time', () => {
    const { verify, calls } = counting()
    const remembering = rememberingSignatures(verify)
    expect([remembering(key.public, message, signature), remembering(key.public, message, signature)]).toEqual([
      true,
      true,
    ])
    expect(calls()).toBe(1)
    const other = message.slice(1)
    expect([remembering(key.public, other, signature), remembering(key.public, other, signature)]).toEqual([
      false,
      false,
    ])
    expect(calls()).toBe(3)
  })

  test('keeps apart what two implementations believe', () => {
    const gullible: VerifyP256 = () => true
    expect(rememberingSignatures(gullible)(key.public, message, new Uint8Array(64))).toBe(true)
    expect(rememberingSignatures(counting().verify)(key.public, message, new Uint8Array(64))).toBe(false)
  })

  test('forgets the oldest of more than a thousand', () => {
    let calls = 0
    const remembering = rememberingSignatures(() => ++calls > 0)
    const numbered = (index: number) => Uint8Array.of(index & 0xff, index >> 8)
    for (let index = 0; index < 1025; index++) remembering(key.public, numbered(index), signature)
    remembering(key.public, numbered(1024), signature)
    expect(calls).toBe(1025)
    remembering(key.public, numbered(0), signature)
    expect(calls).toBe(1026)
  })

  test('takes no other split of the same bytes for what it remembers', () => {
    const remembering = rememberingSignatures(() => true)
    expect(remembering(key.public, message, signature)).toBe(true)
    const all = new Uint8Array([...key.public, ...signature])
    expect(remembering(all.subarray(0, 64), message, all.subarray(64))).toBe(false)
  })
})
