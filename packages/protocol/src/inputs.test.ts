import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core'
import { beforeAll, describe, expect, test } from 'vitest'
import { craftInputs } from '../vectors/cases/craft.ts'
import { bytesToHex, concatBytes, type Hex, hexToBytes, utf8, ZERO_HASH } from './bytes.ts'
import { type InputFacts, inputContext } from './context.ts'
import { webCrypto } from './crypto.ts'
import { type Envelope, type InputsParts, keyIdOf, parseEnvelope } from './envelope.ts'
import { type KeyPair, openInputs, sealInputs } from './inputs.ts'
import { hkdf32 } from './kdf.ts'
import { LIMITS } from './limits.ts'
import { pad } from './padding.ts'
import { flip, nodeCrypto, testKeys } from './testing/support.ts'

const hash = (digit: string): Hex => `0x${digit.repeat(64)}`
const address = (digit: string): Hex => `0x${digit.repeat(40)}`
const FACTS: InputFacts = {
  networkHash: hash('1'),
  dApp: address('2'),
  codeHash: hash('3'),
  callable: '0xdeadbeef',
  requester: address('4'),
  slot: 5,
  seq: 6n,
}
const context = inputContext(FACTS)
const ARGS = utf8('net worth 12345')
/** abi.encode(bytes32(0), bytes("")) */
const MESSAGE = hexToBytes(`0x${['0', '40', '0'].map((word) => word.padStart(64, '0')).join('')}`)
const INFO = concatBytes(utf8('enigma/envelope/v1'), new Uint8Array([1]))

let workers: KeyPair[]
let envelope: Envelope

beforeAll(async () => {
  workers = await Promise.all(['a', 'b', 'c'].map(testKeys))
  envelope = await sealFor(workers)
})

function sealFor(keys: readonly KeyPair[], crypto = webCrypto, args = ARGS) {
  const recipients = keys.map(({ publicKey }) => publicKey)
  return sealInputs({ recipients, context, replyKey: hash('7'), args }, crypto)
}

const worker = (n: number) => workers[n] as KeyPair
const codeOf = (code: string) => expect.objectContaining({ code })

describe('sealInputs', () => {
  test('every worker opens the same inputs, with either provider of primitives', async () => {
    for (const seal of [webCrypto, nodeCrypto]) {
      for (const open of [webCrypto, nodeCrypto]) {
        const sealed = await sealFor(workers, seal)
        for (const key of workers) {
          const opened = await openInputs({ envelope: sealed, context, keys: [key] }, open)
          expect([opened.replyKey, opened.args]).toEqual([hash('7'), ARGS])
        }
      }
    }
  })

  test('hides how long the arguments are, up to the padding', async () => {
    // abi.encode(bytes32, bytes) of nothing has 96 bytes, so one more word still fits into 128.
    const sizes = await Promise.all(
      [0, 1, 28].map(async (n) => (await sealFor(workers, webCrypto, new Uint8Array(n))).length),
    )
    expect(new Set(sizes).size).toBe(2)
    expect(sizes[0]).toBe(4 + 3 * 88 + 32 + 128 + 16)
  })

  test('seals the same inputs to other bytes each time', async () => {
    const again = parseEnvelope(await sealFor(workers)) as InputsParts
    const before = parseEnvelope(envelope) as InputsParts
    expect(again.commitment).not.toEqual(before.commitment)
    expect(again.body).not.toEqual(before.body)
    expect(again.recipients[0]?.enc).not.toEqual(before.recipients[0]?.enc)
  })

  test('refuses no recipients, four, one twice, and a key of low order', async () => {
    await expect(sealFor([])).rejects.toThrow(codeOf('ENVELOPE_BAD_RECIPIENTS'))
    await expect(sealFor([...workers, await testKeys('d')])).rejects.toThrow(codeOf('ENVELOPE_BAD_RECIPIENTS'))
    await expect(sealFor([worker(0), worker(1), worker(0)])).rejects.toThrow(codeOf('ENVELOPE_BAD_RECIPIENTS'))
    const lowOrder = { publicKey: ZERO_HASH, secretKey: new Uint8Array(32) }
    await expect(sealFor([lowOrder])).rejects.toThrow(codeOf('INVALID_PUBLIC_KEY'))
    await expect(sealFor([{ ...lowOrder, publicKey: '0x1234' }])).rejects.toThrow(codeOf('MALFORMED_HEX'))
  })

  test('refuses arguments that make an envelope longer than the network takes', async () => {
    const longest = await sealFor(workers, webCrypto, new Uint8Array(15_232))
    expect(longest.length).toBeLessThanOrEqual(LIMITS.inputBytes)
    const tooLong = sealFor(workers, webCrypto, new Uint8Array(LIMITS.inputBytes))
    await expect(tooLong).rejects.toThrow(codeOf('ENVELOPE_TOO_LONG'))
  })
})

describe('openInputs', () => {
  test('finds its key among several, old ones included', async () => {
    const keys = [await testKeys('newer'), worker(1), await testKeys('older')]
    expect((await openInputs({ envelope, context, keys })).args).toEqual(ARGS)
  })

  test('tries every own key whose id fits: the id is a hint of eight bytes', async () => {
    const impostor = { publicKey: worker(1).publicKey, secretKey: (await testKeys('impostor')).secretKey }
    expect((await openInputs({ envelope, context, keys: [impostor, worker(1)] })).args).toEqual(ARGS)
    const alone = openInputs({ envelope, context, keys: [impostor] })
    await expect(alone).rejects.toThrow(codeOf('ENVELOPE_DOES_NOT_OPEN'))
  })

  test('tells apart what was not addressed to it from what does not open', async () => {
    const stranger = openInputs({ envelope, context, keys: [await testKeys('stranger')] })
    await expect(stranger).rejects.toThrow(codeOf('ENVELOPE_NOT_ADDRESSED'))
    await expect(openInputs({ envelope, context, keys: [] })).rejects.toThrow(codeOf('ENVELOPE_NOT_ADDRESSED'))
    const changed = flip(envelope, envelope.length - 1)
    await expect(openInputs({ envelope: changed, context, keys: [worker(0)] })).rejects.toThrow(
      codeOf('ENVELOPE_DOES_NOT_OPEN'),
    )
  })

  test('S17: refuses the envelope with any byte flipped, for every worker', async () => {
    for (let at = 0; at < envelope.length; at++) {
      const changed = flip(envelope, at, at % 8)
      for (const key of workers) {
        const opening = openInputs({ envelope: changed, context, keys: [key] }, nodeCrypto)
        await expect(opening, `byte ${at}`).rejects.toThrow(codeOf(expect.stringMatching(/^ENVELOPE_/) as never))
      }
    }
  })

  test.each<Partial<InputFacts>>([
    { dApp: address('a') },
    { codeHash: hash('a') },
    { callable: '0xdeadbee0' },
    { networkHash: hash('a') },
  ])("S8: nobody opens a victim's ciphertext for %o", async (change) => {
    const opening = openInputs({ envelope, context: inputContext({ ...FACTS, ...change }), keys: workers })
    await expect(opening).rejects.toThrow(codeOf('ENVELOPE_DOES_NOT_OPEN'))
  })

  test.each<Partial<InputFacts>>([{ requester: address('a') }, { slot: 6 }, { seq: 7n }])(
    "S9: another user's context, or the same user's next task, opens nothing: %o",
    async (change) => {
      const opening = openInputs({ envelope, context: inputContext({ ...FACTS, ...change }), keys: workers })
      await expect(opening).rejects.toThrow(codeOf('ENVELOPE_DOES_NOT_OPEN'))
    },
  )

  test('two workers never open different messages: all that open hold the key that the commitment names', async () => {
    const wraps = await Promise.all(
      [worker(0), worker(1)].map(async ({ publicKey }, i) => ({
        publicKey: hexToBytes(publicKey),
        ephemeralSecret: (await testKeys(`ephemeral ${i}`)).secretKey,
      })),
    )
    const [first, second] = wraps as [(typeof wraps)[0], (typeof wraps)[0]]
    const contentKey = new Uint8Array(32).fill(1)
    const otherKey = new Uint8Array(32).fill(2)
    const whole = { context, contentKey, padded: pad(MESSAGE, 128), recipients: [first, second] }
    // The second is given a key of its own. AES-GCM commits to no key, so the body could be made to open under both.
    const forked = await craftInputs({ ...whole, recipients: [first, { ...second, contentKey: otherKey }] })
    // Here wraps and body all open: nothing but the commitment is wrong.
    const uncommitted = await craftInputs({ ...whole, commitment: otherKey })
    const opening = (bytes: Uint8Array, key: KeyPair) => openInputs({ envelope: bytes, context, keys: [key] })
    expect((await opening(await craftInputs(whole), worker(1))).args).toEqual(new Uint8Array(0))
    await expect(opening(forked, worker(1))).rejects.toThrow(codeOf('ENVELOPE_DOES_NOT_OPEN'))
    await expect(opening(uncommitted, worker(0))).rejects.toThrow(codeOf('ENVELOPE_DOES_NOT_OPEN'))
  })

  test('S21: no error carries the arguments or a key', async () => {
    const padded = pad(concatBytes(ARGS, ARGS), 128)
    const ephemeralSecret = (await testKeys('ephemeral')).secretKey
    const recipients = [{ publicKey: hexToBytes(worker(0).publicKey), ephemeralSecret }]
    const crafted = await craftInputs({ context, recipients, contentKey: new Uint8Array(32).fill(9), padded })
    const error: unknown = await openInputs({ envelope: crafted, context, keys: workers }).catch((thrown) => thrown)
    expect(error).toMatchObject({ code: 'ENVELOPE_BAD_MESSAGE' })
    expect((error as Error).cause).toBeUndefined()
    for (const secret of [ARGS, worker(0).secretKey, new Uint8Array(32).fill(9)]) {
      const text = `${String(error)} ${JSON.stringify(error)}`
      expect(text).not.toContain(bytesToHex(secret).slice(2))
      expect(text).not.toContain(new TextDecoder().decode(ARGS))
    }
  })

  test('an error of the machine stays one: it is no verdict on the envelope', async () => {
    const broken = { ...webCrypto, openAes256Gcm: () => Promise.reject(new RangeError('out of memory')) }
    await expect(openInputs({ envelope, context, keys: workers }, broken)).rejects.toThrow(RangeError)
  })
})

describe('@hpke/core', () => {
  const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() })

  test('opens our wraps, and with the content key the body', async () => {
    const { head, recipients, recipientsBlock, commitment, body } = parseEnvelope(envelope) as InputsParts
    const aad = concatBytes(head, ...recipients.map(({ keyId }) => hexToBytes(keyId)), context)
    for (const [i, { enc, wrapped }] of recipients.entries()) {
      const recipientKey = await suite.kem.importKey('raw', exact(worker(i).secretKey), false)
      const opened = await suite.open({ recipientKey, enc: exact(enc), info: exact(INFO) }, exact(wrapped), exact(aad))
      const contentKey = new Uint8Array(opened)
      expect(hkdf32(contentKey, { info: utf8('enigma/envelope-commit/v1') })).toEqual(commitment)
      const bodyKey = hkdf32(contentKey, { info: utf8('enigma/envelope-body/v1') })
      const bodyAad = concatBytes(head, recipientsBlock, commitment, context)
      const padded = nodeCrypto.openAes256Gcm(bodyKey, new Uint8Array(12), bodyAad, body) as Uint8Array
      expect(new TextDecoder().decode(padded)).toContain('net worth 12345')
    }
  })

  test('makes wraps that we open', async () => {
    const { publicKey } = worker(0)
    const contentKey = new Uint8Array(32).fill(5)
    const head = new Uint8Array([1, 1, 1, 1])
    const keyId = hexToBytes(keyIdOf(publicKey))
    const recipientPublicKey = await suite.kem.importKey('raw', exact(hexToBytes(publicKey)), true)
    const sender = { recipientPublicKey, info: exact(INFO) }
    const { enc, ct } = await suite.seal(sender, exact(contentKey), exact(concatBytes(head, keyId, context)))
    const commitment = hkdf32(contentKey, { info: utf8('enigma/envelope-commit/v1') })
    const bodyKey = hkdf32(contentKey, { info: utf8('enigma/envelope-body/v1') })
    const outside = concatBytes(head, keyId, new Uint8Array(enc), new Uint8Array(ct), commitment)
    const padded = pad(MESSAGE, 128)
    const body = await webCrypto.sealAes256Gcm(bodyKey, new Uint8Array(12), concatBytes(outside, context), padded)
    const opened = await openInputs({ envelope: concatBytes(outside, body), context, keys: [worker(0)] })
    expect([opened.replyKey, opened.args]).toEqual([ZERO_HASH, new Uint8Array(0)])
  })
})

function exact(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer
}
