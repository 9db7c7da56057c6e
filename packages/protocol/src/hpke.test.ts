import { createCipheriv } from 'node:crypto'
import { shake128 } from '@noble/hashes/sha3.js'
import { describe, expect, test, vi } from 'vitest'
import file from '../vectors/hpke-rfc9180.json' with { type: 'json' }
import { bytesToHex, concatBytes, type Hex, hexToBytes, utf8 } from './bytes.ts'
import { webCrypto } from './crypto.ts'
import { hpkeOpen, hpkeSeal, kemSecret, keySchedule, labeledExpand, labeledExtract } from './hpke.ts'
import { flip, nodeCrypto, testKeys } from './testing/support.ts'

type Case = (typeof file.cases)[number]

const hex = (value: string | undefined) => hexToBytes(value as Hex)

/** RFC 9180, 7.1.3: DeriveKeyPair. The vectors give the ephemeral key as the material it comes from. */
function ephemeralOf({ ikmE }: Case): Uint8Array {
  const suite = concatBytes(utf8('KEM'), new Uint8Array([0x00, 0x20]))
  const prk = labeledExtract(suite, new Uint8Array(0), 'dkp_prk', hex(ikmE))
  return labeledExpand(suite, prk, 'sk', new Uint8Array(0), 32)
}

function scheduleOf(vector: Case) {
  const dh = nodeCrypto.dh(ephemeralOf(vector), hex(vector.pkRm)) as Uint8Array
  const secret = kemSecret(dh, hex(vector.enc), hex(vector.pkRm))
  const aead = { id: Number(vector.aeadId), keyBytes: Number(vector.keyBytes) }
  return { secret, aead, ...keySchedule(secret, hex(vector.info), aead) }
}

/** RFC 9180, 5.2: the nonce is the base nonce XOR the sequence number. */
function encrypt({ aead, key, nonce }: ReturnType<typeof scheduleOf>, seq: number, aad: Uint8Array, pt: Uint8Array) {
  const iv = nonce.slice()
  new DataView(iv.buffer).setUint32(8, new DataView(iv.buffer).getUint32(8) ^ seq)
  const cipher = createCipheriv(`aes-${aead.keyBytes * 8}-gcm` as 'aes-256-gcm', key, iv).setAAD(aad)
  return new Uint8Array(Buffer.concat([cipher.update(pt), cipher.final(), cipher.getAuthTag()]))
}

describe("RFC 9180's vectors", () => {
  test.each(file.cases)('$name: the encapsulated key and the recipient are as published', async (vector) => {
    for (const crypto of [webCrypto, nodeCrypto]) {
      expect(bytesToHex(await crypto.publicKey(ephemeralOf(vector)))).toBe(vector.enc)
      expect(bytesToHex(await crypto.publicKey(hex(vector.skRm)))).toBe(vector.pkRm)
      const sent = await crypto.dh(ephemeralOf(vector), hex(vector.pkRm))
      expect(await crypto.dh(hex(vector.skRm), hex(vector.enc))).toEqual(sent)
    }
  })

  test('A.1.1: shared secret, key, nonce and ciphertexts are as published', () => {
    const vector = file.cases[0] as Case
    const schedule = scheduleOf(vector)
    expect(bytesToHex(schedule.secret)).toBe(vector.sharedSecret)
    expect(bytesToHex(schedule.key)).toBe(vector.key)
    expect(bytesToHex(schedule.nonce)).toBe(vector.baseNonce)
    const ciphertexts = vector.aads?.map((aad, seq) =>
      bytesToHex(encrypt(schedule, seq, hex(aad), hex(vector.plaintext))),
    )
    expect(ciphertexts).toEqual(vector.ciphertexts)
  })

  test.each(file.cases)('$name: a thousand encryptions accumulate to the published value', (vector) => {
    const schedule = scheduleOf(vector)
    const source = shake128.create()
    const sink = shake128.create()
    const draw = () => source.xof(source.xof(1)[0] as number)
    for (let seq = 0; seq < 1000; seq++) {
      const aad = draw()
      sink.update(encrypt(schedule, seq, aad, draw()))
    }
    expect(bytesToHex(sink.xof(16))).toBe(vector.encryptionsAccumulated)
  })

  test('AES-256-GCM: what hpkeSeal makes is the first of them', async () => {
    const vector = file.cases[1] as Case
    const parts = { info: hex(vector.info), aad: utf8('aad'), plaintext: utf8('text') }
    const expected = encrypt(scheduleOf(vector), 0, parts.aad, parts.plaintext)
    for (const crypto of [webCrypto, nodeCrypto]) {
      const ephemeralSecret = ephemeralOf(vector)
      const { enc, ciphertext } = await hpkeSeal({ ...parts, recipient: hex(vector.pkRm), ephemeralSecret }, crypto)
      expect(bytesToHex(enc)).toBe(vector.enc)
      expect(ciphertext).toEqual(expected)
      const own = { publicKey: hex(vector.pkRm), secretKey: hex(vector.skRm) }
      expect(await hpkeOpen({ ...parts, ...own, enc, ciphertext }, crypto)).toEqual(parts.plaintext)
    }
  })
})

/** RFC 7748 and cr.yp.to/ecdh.html#validate: u-coordinates whose product with any clamped scalar is zero. */
const LOW_ORDER: Hex[] = [
  `0x${'00'.repeat(32)}`,
  `0x01${'00'.repeat(31)}`,
  '0xe0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '0x5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  `0xec${'ff'.repeat(30)}7f`,
  `0xed${'ff'.repeat(30)}7f`,
  `0xee${'ff'.repeat(30)}7f`,
]

describe('a public key of low order', () => {
  test.each(LOW_ORDER)('%s is refused for sealing and opens nothing', async (point) => {
    const { publicKey, secretKey } = await testKeys('recipient')
    const parts = { info: utf8('info'), aad: utf8('aad') }
    for (const crypto of [webCrypto, nodeCrypto]) {
      await expect(
        hpkeSeal({ ...parts, recipient: hexToBytes(point), plaintext: utf8('text') }, crypto),
      ).rejects.toMatchObject({ code: 'INVALID_PUBLIC_KEY' })
      const own = { publicKey: hexToBytes(publicKey), secretKey }
      const ciphertext = new Uint8Array(32)
      expect(await hpkeOpen({ ...parts, ...own, enc: hexToBytes(point), ciphertext }, crypto)).toBeNull()
    }
  })

  test('is refused also where the primitive answers with zeros', async () => {
    const { publicKey } = await testKeys('recipient')
    const crypto = { ...webCrypto, dh: () => new Uint8Array(32) }
    const parts = { recipient: hexToBytes(publicKey), info: utf8(''), aad: utf8(''), plaintext: utf8('') }
    await expect(hpkeSeal(parts, crypto)).rejects.toMatchObject({ code: 'INVALID_PUBLIC_KEY' })
  })

  test('a public key of 31 or 33 bytes is refused too', async () => {
    for (const length of [0, 31, 33]) {
      const parts = { recipient: new Uint8Array(length).fill(9), info: utf8(''), aad: utf8(''), plaintext: utf8('') }
      for (const crypto of [webCrypto, { ...webCrypto, dh: () => new Uint8Array(32).fill(1) }]) {
        await expect(hpkeSeal(parts, crypto)).rejects.toMatchObject({ code: 'INVALID_PUBLIC_KEY' })
      }
    }
  })
})

test('sealing twice without a given ephemeral key makes different bytes', async () => {
  const { publicKey } = await testKeys('recipient')
  const parts = { recipient: hexToBytes(publicKey), info: utf8(''), aad: utf8(''), plaintext: utf8('text') }
  const [one, two] = [await hpkeSeal(parts), await hpkeSeal(parts)]
  expect(one.enc).not.toEqual(two.enc)
  expect(one.ciphertext).not.toEqual(two.ciphertext)
})

test('a tag that does not fit is an answer, a broken machine an error', async () => {
  const key = new Uint8Array(32)
  const nonce = new Uint8Array(12)
  for (const crypto of [webCrypto, nodeCrypto]) {
    const sealed = await crypto.sealAes256Gcm(key, nonce, utf8('aad'), utf8('text'))
    expect(await crypto.openAes256Gcm(key, nonce, utf8('aad'), flip(sealed, 3))).toBeNull()
    const open = async () => crypto.openAes256Gcm(new Uint8Array(5), nonce, utf8('aad'), sealed)
    await expect(open()).rejects.toThrow()
  }
})

test('webCrypto passes on what decrypt throws, unless it is the tag', async () => {
  const decrypt = vi.spyOn(globalThis.crypto.subtle, 'decrypt').mockRejectedValue(new RangeError('out of memory'))
  const open = async () => webCrypto.openAes256Gcm(new Uint8Array(32), new Uint8Array(12), utf8(''), new Uint8Array(16))
  await expect(open()).rejects.toThrow(RangeError)
  decrypt.mockRestore()
  expect(await open()).toBeNull()
})
