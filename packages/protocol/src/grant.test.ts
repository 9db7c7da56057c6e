import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core'
import { encodeAbiParameters, keccak256, parseAbiParameters, toHex } from 'viem'
import { describe, expect, test } from 'vitest'
import vectors from '../vectors/grant.json' with { type: 'json' }
import { bytesToHex, concatBytes, type Hex, hexToBytes, utf8 } from './bytes.ts'
import { webCrypto } from './crypto.ts'
import { type GrantContext, MAX_GENERATIONS, openGrant, sealGrant } from './grant.ts'
import { flip, nodeCrypto, testKeys } from './testing/support.ts'

const joiner = await testKeys('joiner')
const SECRETS = [1, 2, 3].map((n) => new Uint8Array(32).fill(n))
const CONTEXT: GrantContext = {
  networkHash: `0x${'11'.repeat(32)}`,
  seat: 8,
  donorSeat: 7,
  joinKey: joiner.publicKey,
  minGeneration: 2,
  generation: 4,
  commitments: SECRETS.map((secret) => bytesToHex(secret)),
}
const codeOf = (code: string) => expect.objectContaining({ code })
const exact = (bytes: Uint8Array) => new Uint8Array(bytes).buffer
const contextOf = (vector: (typeof vectors.cases)[number] | (typeof vectors.failures)[number]): GrantContext => ({
  networkHash: vector.networkHash as Hex,
  seat: Number(vector.seat),
  donorSeat: Number(vector.donorSeat),
  joinKey: vector.joinKey as Hex,
  minGeneration: Number(vector.minGeneration),
  generation: Number(vector.generation),
  commitments: vector.commitments as Hex[],
})

describe('a grant', () => {
  test('opens for the joiner, with either provider of primitives', async () => {
    for (const donor of [webCrypto, nodeCrypto]) {
      for (const receiver of [webCrypto, nodeCrypto]) {
        const sealed = await sealGrant(SECRETS, CONTEXT, donor)
        expect(await openGrant(sealed, joiner, CONTEXT, receiver)).toEqual(SECRETS)
      }
    }
  })

  test('is other bytes each time', async () => {
    expect(await sealGrant(SECRETS, CONTEXT, nodeCrypto)).not.toEqual(await sealGrant(SECRETS, CONTEXT, nodeCrypto))
  })

  test('@hpke/core opens it, under the additional data as viem encodes it', async () => {
    const sealed = await sealGrant(SECRETS, CONTEXT, nodeCrypto)
    const { networkHash, seat, donorSeat, joinKey, minGeneration, generation, commitments } = CONTEXT
    const types = 'bytes32, bytes32, uint256, uint256, bytes32, uint32, uint32, bytes32[]'
    const aad = encodeAbiParameters(parseAbiParameters(types), [
      ...([keccak256(toHex('enigma.grant.v1')), networkHash, BigInt(seat), BigInt(donorSeat), joinKey] as const),
      ...([minGeneration, generation, commitments] as const),
    ])
    const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() })
    const recipientKey = await suite.kem.importKey('raw', exact(joiner.secretKey), false)
    const [enc, info] = [exact(sealed.slice(0, 32)), exact(utf8('enigma/grant/v1'))]
    const opened = await suite.open({ recipientKey, enc, info }, exact(sealed.slice(32)), exact(hexToBytes(aad)))
    expect(new Uint8Array(opened)).toEqual(concatBytes(...SECRETS))
  })

  test.each<Partial<GrantContext>>([
    { networkHash: `0x${'12'.repeat(32)}` },
    { seat: 9 },
    { donorSeat: 6 },
    { joinKey: `0x${'12'.repeat(32)}` },
    { minGeneration: 3, generation: 5 },
    { commitments: [...CONTEXT.commitments].reverse() },
  ])('S14: does not open with %o', async (change) => {
    const sealed = await sealGrant(SECRETS, CONTEXT, nodeCrypto)
    expect(await openGrant(sealed, joiner, { ...CONTEXT, ...change }, nodeCrypto)).toBeNull()
  })

  test('S14: does not open for whoever watches the chain, nor with any byte changed', async () => {
    const sealed = await sealGrant(SECRETS, CONTEXT, nodeCrypto)
    const { secretKey } = await testKeys('host')
    expect(await openGrant(sealed, { ...joiner, secretKey }, CONTEXT, nodeCrypto)).toBeNull()
    for (let at = 0; at < sealed.length; at++) {
      expect(await openGrant(flip(sealed, at, at % 8), joiner, CONTEXT, nodeCrypto), `byte ${at}`).toBeNull()
    }
  })

  test('S14: cannot be made to a join key that everybody has', async () => {
    const points = ['00'.repeat(32), `01${'00'.repeat(31)}`, `ec${'ff'.repeat(30)}7f`]
    for (const point of points) {
      for (const crypto of [webCrypto, nodeCrypto]) {
        const context = { ...CONTEXT, joinKey: `0x${point}` as const }
        await expect(sealGrant(SECRETS, context, crypto)).rejects.toThrow(codeOf('INVALID_PUBLIC_KEY'))
      }
    }
  })

  test.each<[string, readonly Uint8Array[], Partial<GrantContext>]>([
    ['a secret fewer than commitments', SECRETS.slice(1), {}],
    ['a secret more than commitments', [...SECRETS, new Uint8Array(32)], {}],
    ['a secret of 31 bytes', SECRETS.map((secret) => secret.slice(1)), {}],
    ['commitments for other generations', SECRETS, { generation: 5 }],
    ['no generation', [], { generation: 1, commitments: [] }],
    [
      'more generations than fit',
      Array.from({ length: MAX_GENERATIONS + 1 }, () => new Uint8Array(32)),
      { generation: MAX_GENERATIONS + 2, commitments: Array(MAX_GENERATIONS + 1).fill(CONTEXT.networkHash) },
    ],
  ])('is not made of %s', async (_, secrets, change) => {
    await expect(sealGrant(secrets, { ...CONTEXT, ...change }, nodeCrypto)).rejects.toThrow(codeOf('MALFORMED_GRANT'))
  })
})

describe('grant.json', () => {
  test.each(vectors.cases)('$name', async (vector) => {
    const key = { publicKey: vector.openedWith as Hex, secretKey: hexToBytes(vector.joinSecret as Hex) }
    const opened = await openGrant(hexToBytes(vector.ciphertext as Hex), key, contextOf(vector), nodeCrypto)
    expect(opened?.map(bytesToHex)).toEqual(vector.secrets)
  })

  test.each(vectors.failures)('S14: does not open: $name', async (vector) => {
    const key = { publicKey: vector.openedWith as Hex, secretKey: hexToBytes(vector.joinSecret as Hex) }
    expect(await openGrant(hexToBytes(vector.ciphertext as Hex), key, contextOf(vector), nodeCrypto)).toBeNull()
  })
})
