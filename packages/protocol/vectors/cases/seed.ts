/** Vectors of seeds: what the Principal signs, its signature and the seed; and what a silent one's epoch starts with. */
import { bls12_381 } from '@noble/curves/bls12-381.js'
import {
  beaconPublicKey,
  bytesToHex,
  concatBytes,
  fallbackSeed,
  type Hex,
  hexToBytes,
  seedMessage,
  seedOf,
  signSeed,
  verifySeed,
} from '../../src/index.ts'
import type { Case, VectorFile } from '../generate.ts'
import { CHAIN, OTHER_CHAIN, sample, sampleSecret } from './samples.ts'

const FACTS = { ...CHAIN, epoch: 70, anchor: sample('boundary block') }
const { Fp } = bls12_381.fields

export function seedVectors(): VectorFile {
  const secret = blsSecret('principal')
  const publicKey = bytesToHex(beaconPublicKey(secret))
  const message = seedMessage(FACTS)
  const signature = signSeed(message, secret)
  const [x, y] = [signature.subarray(0, 64), signature.subarray(64)]
  const plusP = (part: Uint8Array) => coordinate(BigInt(bytesToHex(part)) + Fp.ORDER)
  const refused: Record<string, Uint8Array> = {
    'the signature of another epoch': signSeed(seedMessage({ ...FACTS, epoch: 71 }), secret),
    'the signature over another anchor': signSeed(seedMessage({ ...FACTS, anchor: sample('x') }), secret),
    'the signature for another chain and contract': signSeed(seedMessage({ ...FACTS, ...OTHER_CHAIN }), secret),
    "another key's signature": signSeed(message, blsSecret('another principal')),
    'the negated signature': concatBytes(x, coordinate(Fp.ORDER - BigInt(bytesToHex(y)))),
    'the point at infinity': new Uint8Array(128),
    'a point off the curve': concatBytes(x, coordinate(BigInt(bytesToHex(y)) + 1n)),
    'a point of the curve outside the subgroup': outsideSubgroup(),
    'x plus the modulus': concatBytes(plusP(x), y),
    'a bit in the zeros before x': concatBytes(new Uint8Array([1]), signature.subarray(1)),
    'one byte short': signature.subarray(0, 127),
    'one byte long': concatBytes(signature, new Uint8Array(1)),
    'nothing at all': new Uint8Array(0),
  }
  for (const [name, bad] of Object.entries(refused)) {
    if (verifySeed(message, bad, hexToBytes(publicKey))) throw new Error(`This vector is meant to fail: ${name}`)
  }
  return {
    comment:
      'message = keccak256(abi.encode(keccak256("enigma.seed.v1"), chainId, enigma, epoch, anchor)). signature: BLS12-381 in ' +
      'G1 over message, DST BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_; publicKey in G2; both as EIP-2537 encodes points. ' +
      'seed = low 176 bits of keccak256(signature). failures: signatures to refuse for the message and key of the first case.',
    cases: [
      seedCase('an epoch', FACTS, secret),
      seedCase('the next epoch', { ...FACTS, epoch: 71 }, secret),
      seedCase('epoch 0', { ...FACTS, epoch: 0 }, secret),
      seedCase('another chain and contract', { ...FACTS, ...OTHER_CHAIN }, secret),
      seedCase('another principal', FACTS, blsSecret('another principal')),
    ],
    failures: Object.entries(refused).map(([name, bad]) => ({
      name,
      ...texts(FACTS),
      message,
      publicKey,
      signature: bytesToHex(bad),
      error: 'INVALID_SEED_SIGNATURE',
    })),
  }
}

export function fallbackSeedVectors(): VectorFile {
  const blockHash = sample('cut block')
  const facts: Record<string, { epoch: number; blockHash: Hex }> = {
    'an epoch': { epoch: 70, blockHash },
    'the next epoch, by the same block': { epoch: 71, blockHash },
    'another block': { epoch: 70, blockHash: sample('another cut block') },
    'epoch 0, and a hash of ones': { epoch: 0, blockHash: `0x${'ff'.repeat(32)}` },
    'the last epoch': { epoch: 2 ** 20 - 1, blockHash },
  }
  return {
    comment:
      'seed = low 176 bits of keccak256(abi.encode("enigma.fallback.v1", epoch, blockHash)), the label as a string; blockHash: of ' +
      'the block CUT behind the boundary.',
    cases: Object.entries(facts).map(([name, { epoch, blockHash: hash }]) => ({
      name,
      epoch: String(epoch),
      blockHash: hash,
      seed: String(fallbackSeed(epoch, hash)),
    })),
    failures: [],
  }
}

function seedCase(name: string, facts: typeof FACTS, secret: Uint8Array): Case {
  const message = seedMessage(facts)
  const signature = signSeed(message, secret)
  return {
    name,
    ...texts(facts),
    message,
    secretKey: bytesToHex(secret),
    publicKey: bytesToHex(beaconPublicKey(secret)),
    signature: bytesToHex(signature),
    seed: String(seedOf(signature)),
  }
}

function texts({ chainId, enigma, epoch, anchor }: typeof FACTS): Case {
  return { chainId: String(chainId), enigma, epoch: String(epoch), anchor }
}

/** Below the order of the group, which has 255 bits. */
function blsSecret(name: string): Uint8Array {
  const secret = sampleSecret(name)
  secret[0] = (secret[0] as number) & 0x3f
  return secret
}

/** The first point of the curve y² = x³ + 4 whose order is not the group's: almost all are, the cofactor being 2^125. */
function outsideSubgroup(): Uint8Array {
  for (let x = 1n; ; x++) {
    const square = Fp.add(Fp.pow(x, 3n), 4n)
    if (Fp.pow(square, (Fp.ORDER - 1n) / 2n) !== 1n) continue
    const y = Fp.sqrt(square)
    if (!bls12_381.G1.Point.fromAffine({ x, y }).isTorsionFree()) return concatBytes(coordinate(x), coordinate(y))
  }
}

function coordinate(value: bigint): Uint8Array {
  return hexToBytes(`0x${value.toString(16).padStart(128, '0')}` as Hex)
}
