import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core'
import { describe, expect, test } from 'vitest'
import { concatBytes, type Hex, hexToBytes, utf8 } from './bytes.ts'
import { type DataFacts, dataContext, type ReplyFacts, replyContext } from './context.ts'
import { webCrypto } from './crypto.ts'
import { type EnvelopeErrorCode, keyIdOf, parseEnvelope, type SealedParts } from './envelope.ts'
import { LIMITS } from './limits.ts'
import { pad, unpad } from './padding.ts'
import { openData, openReply, sealData, sealReply } from './sealed.ts'
import { flip, nodeCrypto, testKeys } from './testing/support.ts'

const hash = (digit: string): Hex => `0x${digit.repeat(64)}`
const address = (digit: string): Hex => `0x${digit.repeat(40)}`
const DATA: DataFacts = {
  chainId: 31337n,
  enigma: address('1'),
  dApp: address('2'),
  codeHash: hash('3'),
  owner: address('4'),
  label: hash('5'),
}
const REPLY: ReplyFacts = { networkHash: hash('1'), dApp: address('2'), taskId: hash('3') }
const MESSAGE = utf8('only for you')
const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() })

const codeOf = (code: EnvelopeErrorCode | 'INVALID_PUBLIC_KEY') => expect.objectContaining({ code })
const exact = (bytes: Uint8Array) => new Uint8Array(bytes).buffer
const KINDS = [
  {
    kind: 2,
    context: dataContext(DATA),
    seal: (parts: object, crypto = webCrypto) => sealData({ ...SEAL, ...parts, context: dataContext(DATA) }, crypto),
    open: (parts: object, crypto = webCrypto) =>
      openData({ ...OPEN, context: dataContext(DATA), ...parts } as Parameters<typeof openData>[0], crypto),
  },
  {
    kind: 3,
    context: replyContext(REPLY),
    seal: (parts: object, crypto = webCrypto) => sealReply({ ...SEAL, ...parts, context: replyContext(REPLY) }, crypto),
    open: (parts: object, crypto = webCrypto) =>
      openReply({ ...OPEN, context: replyContext(REPLY), ...parts } as Parameters<typeof openReply>[0], crypto),
  },
]
const reader = await testKeys('reader')
const SEAL = { recipient: reader.publicKey, message: MESSAGE }
const OPEN = { envelope: new Uint8Array(0), keys: [reader] }

describe.each(KINDS)('kind $kind', ({ kind, context, seal, open }) => {
  test('opens for its recipient, with either provider of primitives', async () => {
    for (const sealer of [webCrypto, nodeCrypto]) {
      for (const opener of [webCrypto, nodeCrypto]) {
        const envelope = await seal({}, sealer)
        expect(await open({ envelope }, opener)).toEqual(MESSAGE)
      }
    }
  })

  test('is the same bytes again for the same ephemeral key, and other bytes without one', async () => {
    const ephemeralSecret = (await testKeys('ephemeral')).secretKey
    expect(await seal({ ephemeralSecret }, nodeCrypto)).toEqual(await seal({ ephemeralSecret }))
    expect(await seal({})).not.toEqual(await seal({}))
  })

  test('S17: is refused with any byte flipped', async () => {
    const envelope = await seal({})
    for (let at = 0; at < envelope.length; at++) {
      const opening = open({ envelope: flip(envelope, at, at % 8) }, nodeCrypto)
      await expect(opening, `byte ${at}`).rejects.toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^ENVELOPE_/) }),
      )
    }
  })

  test('finds its key among several, tries all that fit, and says when none does', async () => {
    const envelope = await seal({})
    const impostor = { publicKey: reader.publicKey, secretKey: (await testKeys('impostor')).secretKey }
    expect(await open({ envelope, keys: [await testKeys('other'), impostor, reader] })).toEqual(MESSAGE)
    await expect(open({ envelope, keys: [impostor] })).rejects.toThrow(codeOf('ENVELOPE_DOES_NOT_OPEN'))
    await expect(open({ envelope, keys: [await testKeys('other')] })).rejects.toThrow(codeOf('ENVELOPE_NOT_ADDRESSED'))
  })

  test('@hpke/core opens ours, and we open its', async () => {
    const head = new Uint8Array([1, 1, kind, 1])
    const info = exact(concatBytes(utf8('enigma/envelope/v1'), new Uint8Array([kind])))
    const keyId = hexToBytes(keyIdOf(reader.publicKey))
    const aad = exact(concatBytes(head, keyId, context))

    const ours = parseEnvelope(await seal({})) as SealedParts
    const recipientKey = await suite.kem.importKey('raw', exact(reader.secretKey), false)
    const padded = await suite.open({ recipientKey, enc: exact(ours.enc), info }, exact(ours.ciphertext), aad)
    expect(unpad(new Uint8Array(padded), 32)).toEqual(MESSAGE)

    const recipientPublicKey = await suite.kem.importKey('raw', exact(hexToBytes(reader.publicKey)), true)
    const { enc, ct } = await suite.seal({ recipientPublicKey, info }, exact(pad(MESSAGE, 32)), aad)
    const envelope = concatBytes(head, keyId, new Uint8Array(enc), new Uint8Array(ct))
    expect(await open({ envelope })).toEqual(MESSAGE)
  })

  test('refuses to seal what would never open, or to a key that everybody has', async () => {
    await expect(seal({ message: new Uint8Array(LIMITS.inputBytes) })).rejects.toThrow(codeOf('ENVELOPE_TOO_LONG'))
    await expect(seal({ recipient: hash('0') })).rejects.toThrow(codeOf('INVALID_PUBLIC_KEY'))
  })
})

test.each<Partial<DataFacts>>([
  { chainId: 1n },
  { enigma: address('a') },
  { dApp: address('a') },
  { codeHash: hash('a') },
  { owner: address('a') },
  { label: hash('a') },
])('S8, S9: data at rest opens for no other %o', async (change) => {
  const envelope = await sealData({ ...SEAL, context: dataContext(DATA) })
  const opening = openData({ envelope, context: dataContext({ ...DATA, ...change }), keys: [reader] })
  await expect(opening).rejects.toThrow(codeOf('ENVELOPE_DOES_NOT_OPEN'))
})

test.each<Partial<ReplyFacts>>([{ networkHash: hash('a') }, { dApp: address('a') }, { taskId: hash('a') }])(
  'S8, S9: a reply opens for no other %o',
  async (change) => {
    const envelope = await sealReply({ ...SEAL, context: replyContext(REPLY) })
    const opening = openReply({ envelope, context: replyContext({ ...REPLY, ...change }), keys: [reader] })
    await expect(opening).rejects.toThrow(codeOf('ENVELOPE_DOES_NOT_OPEN'))
  },
)

test('data is no reply, even relabelled as one and opened in its own context', async () => {
  const context = dataContext(DATA)
  const envelope = await sealData({ ...SEAL, context })
  const open = (bytes: Uint8Array) => openReply({ envelope: bytes, context: context as never, keys: [reader] })
  await expect(open(envelope)).rejects.toThrow(codeOf('ENVELOPE_WRONG_KIND'))
  const relabelled = flip(envelope, 2)
  expect(relabelled[2]).toBe(3)
  await expect(open(relabelled)).rejects.toThrow(codeOf('ENVELOPE_DOES_NOT_OPEN'))
})
