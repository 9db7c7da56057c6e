import { createHash } from 'node:crypto'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { describe, expect, test } from 'vitest'
import file from '../vectors/drand.json' with { type: 'json' }
import { decompressKey, decompressSignature, verifySeed } from './beacon.ts'
import { timestampOf } from './block-header.ts'
import { bytesToHex, type Hex, hexToBytes } from './bytes.ts'
import { type DrandBeacon, drandMessage, drandProof, drandSeed, parseDrandRound, QUICKNET, roundAt } from './drand.ts'
import { flip } from './testing/support.ts'

type Vector = (typeof file.failures)[number]

const beaconOf = (vector: Vector | (typeof file.cases)[number]): DrandBeacon => ({
  chainId: BigInt(vector.chainId),
  enigma: vector.enigma as Hex,
  publicKey: hexToBytes(vector.publicKey as Hex),
  genesisTime: Number(vector.genesisTime),
  periodSeconds: Number(vector.periodSeconds),
  delaySeconds: Number(vector.delaySeconds),
})
const first = file.cases[0] as (typeof file.cases)[number]
const codeOf = (code: string) => expect.objectContaining({ code })

describe('the published vectors', () => {
  test.each(file.cases)('$name', (vector) => {
    const { epoch, anchor, round, message, compressed, seed } = vector
    const beacon = beaconOf(vector)
    const header = hexToBytes(vector.header as Hex)
    expect(timestampOf(header)).toBe(Number(vector.timestamp))
    expect(roundAt(timestampOf(header), beacon)).toBe(Number(round))
    expect(drandMessage(Number(round))).toBe(message)
    const signature = parseDrandRound({ round: Number(round), signature: compressed.slice(2) }, Number(round))
    expect(bytesToHex(signature)).toBe(vector.signature)
    const proof = drandProof(signature, header)
    expect(bytesToHex(proof)).toBe(vector.proof)
    expect(String(drandSeed(beacon, { epoch: Number(epoch), anchor: anchor as Hex, proof }))).toBe(seed)
  })

  test.each(file.failures)('S6: refused: $name', (vector) => {
    const { epoch, anchor, proof, error } = vector
    const given = { epoch: Number(epoch), anchor: anchor as Hex, proof: hexToBytes(proof as Hex) }
    expect(() => drandSeed(beaconOf(vector), given)).toThrow(codeOf(error))
  })
})

describe('QUICKNET', () => {
  test('is the network whose hash everybody names it by', () => {
    // drand's chain.Info.Hash: period, genesis, key, the hash of the first group, the network's name.
    const head = Buffer.alloc(12)
    head.writeUInt32BE(QUICKNET.periodSeconds)
    head.writeBigInt64BE(BigInt(QUICKNET.genesisTime), 4)
    const group = Buffer.from('f477d5c89f21a17c863a7f937c6a6d15859414d2be09cd448d4279af331c5d3e', 'hex')
    const hash = createHash('sha256')
      .update(head)
      .update(hexToBytes(QUICKNET.publicKey))
      .update(group)
      .update('quicknet')
    expect(`0x${hash.digest('hex')}`).toBe(QUICKNET.chainHash)
  })

  test('signed the first vector', () => {
    const key = decompressKey(hexToBytes(QUICKNET.publicKey))
    expect(bytesToHex(key)).toBe(first.publicKey)
    expect(verifySeed(drandMessage(Number(first.round)), hexToBytes(first.signature as Hex), key)).toBe(true)
  })
})

describe('roundAt', () => {
  const schedule = { genesisTime: 100, periodSeconds: 5, delaySeconds: 7 }

  test('S6: takes the first round that is published when the delay has passed', () => {
    for (let timestamp = 93; timestamp < 120; timestamp++) {
      const published = 100 + (roundAt(timestamp, schedule) - 1) * 5
      expect(published - timestamp, `${timestamp}`).toBeGreaterThanOrEqual(7)
      expect(published - timestamp, `${timestamp}`).toBeLessThan(12)
    }
  })

  test('refuses a block from before the network', () => {
    expect(() => roundAt(92, schedule)).toThrow(codeOf('DRAND_BEFORE_GENESIS'))
  })
})

describe('parseDrandRound', () => {
  const round = Number(first.round)
  const signature = first.compressed.slice(2)

  test('refuses another round, and what is no signature', () => {
    for (const answer of [null, 7, {}, { round: String(round), signature }, { round: round + 1, signature }]) {
      expect(() => parseDrandRound(answer, round)).toThrow(codeOf('DRAND_WRONG_ROUND'))
    }
    for (const bad of [undefined, '', signature.slice(2), `${signature}00`, `0x${signature}`, 'zz'.repeat(48)]) {
      expect(() => parseDrandRound({ round, signature: bad }, round)).toThrow(codeOf('MALFORMED_HEX'))
    }
  })

  test('refuses bytes that are no point of the group, infinity among them', () => {
    const infinity = `c0${'00'.repeat(47)}`
    // The curve's point with x = 4 is outside the subgroup.
    for (const bad of [infinity, `80${'00'.repeat(46)}04`, `00${signature.slice(2)}`, 'ff'.repeat(48)]) {
      expect(() => parseDrandRound({ round, signature: bad }, round)).toThrow(codeOf('INVALID_SEED_SIGNATURE'))
    }
  })
})

test('compressed points have 48 and 96 bytes, and no others are taken', () => {
  const key = hexToBytes(QUICKNET.publicKey)
  const refused = codeOf('INVALID_SEED_SIGNATURE')
  const { G1, G2 } = bls12_381
  const uncompressed = G1.Point.fromHex(first.compressed.slice(2)).toBytes(false)
  expect(() => decompressSignature(uncompressed)).toThrow(refused)
  expect(() => decompressKey(G2.Point.fromBytes(key).toBytes(false))).toThrow(refused)
  expect(() => decompressKey(key.subarray(1))).toThrow(refused)
  expect(() => decompressKey(flip(key, 95))).toThrow(refused)
  expect(() => decompressKey(hexToBytes(`0xc0${'00'.repeat(95)}`))).toThrow(refused)
})
