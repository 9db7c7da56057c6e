import { type Hex, hexToBytes, hpkeOpen, hpkeSeal, webCrypto } from '@enigma/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { coreCrypto } from './core-crypto.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const text = fc.uint8Array({ maxLength: 300 })

describe('Core’s HPKE primitives', () => {
  test('give the shared secret of RFC 7748, 5.2', async () => {
    const scalar = hexToBytes('0xa546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4')
    const u = hexToBytes('0xe6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c')
    const shared = hexToBytes('0xc3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552')
    expect(await coreCrypto.dh(scalar, u)).toEqual(shared)
  })

  test('agree with the client’s, which share no code with them', async () => {
    await fc.assert(
      fc.asyncProperty(bytes(32), bytes(32), bytes(12), text, text, async (key, other, nonce, aad, plaintext) => {
        const publicKey = await coreCrypto.publicKey(other)
        expect(publicKey).toEqual(await webCrypto.publicKey(other))
        expect(await coreCrypto.dh(key, publicKey)).toEqual(await webCrypto.dh(key, publicKey))
        const ciphertext = await coreCrypto.sealAes256Gcm(key, nonce, aad, plaintext)
        expect(ciphertext).toEqual(await webCrypto.sealAes256Gcm(key, nonce, aad, plaintext))
        expect(await coreCrypto.openAes256Gcm(key, nonce, aad, ciphertext)).toEqual(plaintext)
      }),
      { numRuns: 25 },
    )
  })

  test('open what the client sealed by HPKE', async () => {
    const secretKey = new Uint8Array(32).fill(3)
    const recipient = await coreCrypto.publicKey(secretKey)
    const parts = { info: new Uint8Array([1]), aad: new Uint8Array([2]) }
    const { enc, ciphertext } = await hpkeSeal({ recipient, ...parts, plaintext: new Uint8Array([3]) })
    const opened = await hpkeOpen({ publicKey: recipient, secretKey, enc, ciphertext, ...parts }, coreCrypto)
    expect(opened).toEqual(new Uint8Array([3]))
  })

  test.each<[string, Hex]>([
    ['0', `0x${'00'.repeat(32)}`],
    ['1', `0x01${'00'.repeat(31)}`],
    ['of order 8', '0xe0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'],
    ['p - 1', `0xec${'ff'.repeat(30)}7f`],
  ])('share no secret with a public key of low order: %s', async (_, low) => {
    expect(await coreCrypto.dh(new Uint8Array(32).fill(5), hexToBytes(low))).toBeNull()
  })

  test('S18: open nothing of which a byte was changed, cut or added', async () => {
    const [key, nonce, aad] = [new Uint8Array(32), new Uint8Array(12), new Uint8Array([7])]
    const good = await coreCrypto.sealAes256Gcm(key, nonce, aad, new Uint8Array([1, 2, 3]))
    const bad = [good.slice(0, -1), good.slice(1), new Uint8Array([...good, 0]), new Uint8Array(0)]
    for (let i = 0; i < good.length; i++) bad.push(Uint8Array.from(good, (byte, at) => (at === i ? byte ^ 0x80 : byte)))
    for (const ciphertext of bad) expect(await coreCrypto.openAes256Gcm(key, nonce, aad, ciphertext)).toBeNull()
    expect(await coreCrypto.openAes256Gcm(key, nonce, new Uint8Array([8]), good)).toBeNull()
  })
})
