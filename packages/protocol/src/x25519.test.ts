import { x25519 as reference } from '@noble/curves/ed25519.js'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { bytesToHex, type Hex, hexToBytes, keccak256, utf8 } from './bytes.ts'
import { publicKeyOf, sharedSecretOf } from './x25519.ts'

/** RFC 7748, section 6.1. */
const ALICE = {
  secretKey: '0x77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a',
  publicKey: '0x8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
} as const
const BOB = {
  secretKey: '0x5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb',
  publicKey: '0xde9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f',
} as const
const SHARED = '0x4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742'

const bytes = (hex: Hex) => hexToBytes(hex)

/** 0, one of order 8, and p - 1: any clamped multiple of theirs is zero. All of them: cr.yp.to/ecdh.html#validate. */
const LOW_ORDER: Hex[] = [
  `0x${'00'.repeat(32)}`,
  '0xe0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  `0xec${'ff'.repeat(30)}7f`,
]
const { subtle } = globalThis.crypto

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

/** As browsers do that do not know the name. */
function refuseX25519() {
  vi.spyOn(subtle, 'importKey').mockRejectedValue(new DOMException('Unrecognized name.', 'NotSupportedError'))
}

describe.each([
  ['by the platform', () => {}, true],
  ['in a browser without X25519', refuseX25519, false],
  ['in a page that gets no WebCrypto', () => vi.stubGlobal('crypto', {}), false],
] as const)('%s', (_, stage, isByPlatform) => {
  test('the keys and the shared secret of RFC 7748 come out', async () => {
    const derived = vi.spyOn(subtle, 'deriveBits')
    stage()
    for (const [own, their] of [
      [ALICE, BOB],
      [BOB, ALICE],
    ] as const) {
      expect(bytesToHex(await publicKeyOf(bytes(own.secretKey)))).toBe(own.publicKey)
      const shared = await sharedSecretOf(bytes(own.secretKey), bytes(their.publicKey))
      expect(shared && bytesToHex(shared)).toBe(SHARED)
    }
    expect(derived).toHaveBeenCalledTimes(isByPlatform ? 4 : 0)
  })

  test('what comes out is what noble makes, also with the highest bit set and from numbers above p', async () => {
    const above = bytes(`0xf2${'ff'.repeat(31)}`)
    const expected = Array.from({ length: 8 }, (_, i) => {
      const [mine, theirs] = [bytes(keccak256(utf8(`mine ${i}`))), bytes(keccak256(utf8(`theirs ${i}`)))]
      const shared = [theirs, above].map((point) => ({ point, secret: reference.getSharedSecret(mine, point) }))
      return { mine, publicKey: reference.getPublicKey(mine), shared }
    })
    stage()
    for (const { mine, publicKey, shared } of expected) {
      expect(await publicKeyOf(mine)).toEqual(publicKey)
      for (const { point, secret } of shared) expect(await sharedSecretOf(mine, point)).toEqual(secret)
    }
  })

  test.each(LOW_ORDER)('the point of low order %s shares no secret', async (point) => {
    stage()
    expect(await sharedSecretOf(bytes(BOB.secretKey), bytes(point))).toBeNull()
  })

  test('a key of another length is refused', async () => {
    stage()
    const [short, long] = [new Uint8Array(31).fill(9), new Uint8Array(33).fill(9)]
    for (const wrong of [short, long]) {
      await expect(publicKeyOf(wrong)).rejects.toThrow()
      expect(await sharedSecretOf(bytes(BOB.secretKey), wrong)).toBeNull()
    }
  })
})

test('a platform that answers with zeros is not believed', async () => {
  vi.spyOn(subtle, 'deriveBits').mockResolvedValue(new ArrayBuffer(32))
  expect(await sharedSecretOf(bytes(BOB.secretKey), bytes(`0x${'00'.repeat(32)}`))).toBeNull()
  const shared = await sharedSecretOf(bytes(BOB.secretKey), bytes(ALICE.publicKey))
  expect(shared && bytesToHex(shared)).toBe(SHARED)
})
