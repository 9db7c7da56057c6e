import fc from 'fast-check'
import { compactSignatureToSignature, recoverAddress, serializeSignature, signatureToCompactSignature } from 'viem'
import { privateKeyToAccount, sign } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import { bytesToHex, hexToBytes } from './bytes.ts'
import { compactSignature, recoverSigner, signDigest, signerAddress } from './signature.ts'

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const anyHash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(bytesToHex)
const anyKey = fc
  .bigInt({ min: 1n, max: ORDER - 1n })
  .map((key) => hexToBytes(`0x${key.toString(16).padStart(64, '0')}`))

describe('signDigest', () => {
  test("makes viem's signatures, and viem recovers the same signer from them", async () => {
    await fc.assert(
      fc.asyncProperty(anyHash, anyKey, async (hash, key) => {
        const signature = signDigest(hash, key)
        const theirs = signatureToCompactSignature(await sign({ hash, privateKey: bytesToHex(key), to: 'object' }))
        expect(signature).toEqual({ r: theirs.r, vs: theirs.yParityAndS })
        const account = privateKeyToAccount(bytesToHex(key)).address.toLowerCase()
        const full = serializeSignature(compactSignatureToSignature({ r: signature.r, yParityAndS: signature.vs }))
        expect((await recoverAddress({ hash, signature: full })).toLowerCase()).toBe(account)
        expect(recoverSigner(hash, signature)).toBe(account)
        expect(signerAddress(key)).toBe(account)
      }),
      { numRuns: 25 },
    )
  })
})

describe('recoverSigner', () => {
  test('S17: with any byte of the digest or signature flipped, it is somebody else or nobody', () => {
    const key = new Uint8Array(32).fill(7)
    const digest = `0x${'5a'.repeat(32)}` as const
    const { r, vs } = signDigest(digest, key)
    const signer = signerAddress(key)
    const whole = hexToBytes(`0x${digest.slice(2)}${r.slice(2)}${vs.slice(2)}`)
    for (let at = 0; at < whole.length; at++) {
      const bytes = whole.slice()
      bytes[at] = (bytes[at] as number) ^ 1
      const part = (n: number) => bytesToHex(bytes.subarray(32 * n, 32 * n + 32))
      let recovered: string | undefined
      try {
        recovered = recoverSigner(part(0), { r: part(1), vs: part(2) })
      } catch (error) {
        expect(error).toMatchObject({ code: 'INVALID_SIGNATURE' })
      }
      expect(recovered, `byte ${at}`).not.toBe(signer)
    }
  })

  test('S18: answers anything with an address or a typed error', () => {
    fc.assert(
      fc.property(anyHash, anyHash, anyHash, (digest, r, vs) => {
        try {
          expect(recoverSigner(digest, { r, vs })).toMatch(/^0x[0-9a-f]{40}$/)
        } catch (error) {
          expect(error).toMatchObject({ code: 'INVALID_SIGNATURE' })
        }
      }),
    )
  })
})

test('compactSignature refuses an s of the upper half, for which EIP-2098 has no room', () => {
  const r = `0x${'11'.repeat(32)}` as const
  expect(() => compactSignature({ r, s: `0x${'ff'.repeat(32)}`, recovery: 0 })).toThrow(
    expect.objectContaining({ code: 'INVALID_SIGNATURE' }),
  )
  expect(compactSignature({ r, s: r, recovery: 1 }).vs).toBe(`0x91${'11'.repeat(31)}`)
})
