import { encodeAbiParameters, keccak256, parseAbiParameters, toHex } from 'viem'
import { describe, expect, test } from 'vitest'
import fallbackFile from '../vectors/fallback-seed.json' with { type: 'json' }
import file from '../vectors/seed.json' with { type: 'json' }
import { beaconPublicKey, signSeed, verifySeed } from './beacon.ts'
import { bytesToHex, type Hex, hexToBytes } from './bytes.ts'
import { fallbackSeed, seedMessage, seedOf } from './seed.ts'
import { flip } from './testing/support.ts'

const FACTS = { chainId: 31337n, enigma: `0x${'ab'.repeat(20)}`, epoch: 7, anchor: `0x${'cd'.repeat(32)}` } as const

describe('seedMessage', () => {
  test("equals viem's encoding", () => {
    const encoded = encodeAbiParameters(parseAbiParameters('bytes32, uint256, address, uint256, bytes32'), [
      keccak256(toHex('enigma.seed.v1')),
      FACTS.chainId,
      FACTS.enigma,
      7n,
      FACTS.anchor,
    ])
    expect(seedMessage(FACTS)).toBe(keccak256(encoded))
  })

  test('S6: another chain, contract, epoch or anchor needs another signature', () => {
    const changes = [
      { chainId: 1n },
      { enigma: FACTS.enigma.replace('b', 'c') as Hex },
      { epoch: 8 },
      { anchor: bytesToHex(new Uint8Array(32)) },
    ]
    const messages = changes.map((change) => seedMessage({ ...FACTS, ...change }))
    expect(new Set([seedMessage(FACTS), ...messages]).size).toBe(5)
  })
})

describe('the published vectors', () => {
  test.each(file.cases)('$name', (vector) => {
    const { chainId, enigma, epoch, anchor } = vector
    const message = seedMessage({
      chainId: BigInt(chainId),
      enigma: enigma as Hex,
      epoch: Number(epoch),
      anchor: anchor as Hex,
    })
    expect(message).toBe(vector.message)
    const secret = hexToBytes(vector.secretKey as Hex)
    const signature = signSeed(message, secret)
    expect(bytesToHex(signature)).toBe(vector.signature)
    expect(bytesToHex(beaconPublicKey(secret))).toBe(vector.publicKey)
    expect(String(seedOf(signature))).toBe(vector.seed)
    expect(verifySeed(message, signature, beaconPublicKey(secret))).toBe(true)
  })

  test.each(file.failures)('S6: refused: $name', ({ message, signature, publicKey }) => {
    expect(verifySeed(message as Hex, hexToBytes(signature as Hex), hexToBytes(publicKey as Hex))).toBe(false)
  })
})

describe('verifySeed', () => {
  const { message, signature, publicKey } = file.cases[0] as (typeof file.cases)[number]
  const bytes = hexToBytes(signature as Hex)
  const key = hexToBytes(publicKey as Hex)

  test('S6: refuses the signature with any byte flipped', () => {
    for (let at = 0; at < bytes.length; at++)
      expect(verifySeed(message as Hex, flip(bytes, at), key), `${at}`).toBe(false)
  })

  test('refuses a key that is no point of G2, and infinity, under which infinity would verify', () => {
    const infinity = new Uint8Array(256)
    expect(verifySeed(message as Hex, bytes, infinity)).toBe(false)
    expect(verifySeed(message as Hex, new Uint8Array(128), infinity)).toBe(false)
    expect(verifySeed(message as Hex, bytes, key.subarray(1))).toBe(false)
    expect(verifySeed(message as Hex, bytes, new Uint8Array([...key, 0]))).toBe(false)
    expect(verifySeed(message as Hex, bytes, flip(key, 100))).toBe(false)
  })
})

test('seedOf takes the low 176 bits, and refuses anything but 128 bytes', () => {
  const signature = new Uint8Array(128).fill(3)
  expect(seedOf(signature)).toBe(BigInt(keccak256(signature)) & (2n ** 176n - 1n))
  for (const length of [0, 96, 127, 129]) {
    expect(() => seedOf(new Uint8Array(length))).toThrow(expect.objectContaining({ code: 'INVALID_SEED_SIGNATURE' }))
  }
})

describe('fallbackSeed', () => {
  test("equals viem's encoding", () => {
    const types = parseAbiParameters('string, uint256, bytes32')
    const encoded = encodeAbiParameters(types, ['enigma.fallback.v1', 7n, FACTS.anchor])
    expect(fallbackSeed(7, FACTS.anchor)).toBe(BigInt(keccak256(encoded)) & (2n ** 176n - 1n))
  })

  test.each(fallbackFile.cases)('S6: the published vector: $name', ({ epoch, blockHash, seed }) => {
    expect(String(fallbackSeed(Number(epoch), blockHash as Hex))).toBe(seed)
  })

  test('refuses what is no block hash', () => {
    expect(() => fallbackSeed(7, '0x12')).toThrow()
  })
})
