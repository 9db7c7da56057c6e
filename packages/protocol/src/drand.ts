/**
 * Seeds from drand's public randomness, as `DrandBeacon.sol` takes them: which round is an epoch's, and what proves it.
 *
 * The scheme is bls-unchained-g1-rfc9380 (https://docs.drand.love/docs/cryptography): a round's signature is over the hash of
 * its number, in G1. drand compresses points (ZCash's encoding, 48 and 96 bytes); EIP-2537 does not.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { abiAddress, abiEncode, abiFixedBytes, abiUint } from './abi.ts'
import { decompressSignature, verifySeed } from './beacon.ts'
import { timestampOf } from './block-header.ts'
import { bytesToHex, concatBytes, type Hex, hexToBytes, keccak256, label, parseHex } from './bytes.ts'
import type { Domain } from './eip712.ts'
import { EnigmaError } from './errors.ts'
import { SEED_SIGNATURE_BYTES } from './seed.ts'
import { bits } from './word.ts'

/** drand's public network without chained rounds, run by the League of Entropy. */
export const QUICKNET = {
  chainHash: '0x52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971',
  /** In G2, compressed; `decompressKey` gives what the contract takes. */
  publicKey: ('0x83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451' +
    '0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a') as Hex,
  genesisTime: 1_692_803_367,
  periodSeconds: 3,
} as const

export type DrandSchedule = {
  /** When round 1 was published, in Unix time. */
  genesisTime: number
  periodSeconds: number
  /** Least time from a boundary block's timestamp to its epoch's round. */
  delaySeconds: number
}
/** A `DrandBeacon`; `publicKey` is a point of G2, 256 bytes, as EIP-2537 encodes it. */
export type DrandBeacon = Domain & DrandSchedule & { publicKey: Uint8Array }

/** The round of an epoch whose boundary block has `timestamp`: the first published `delaySeconds` later, or after. */
export function roundAt(timestamp: number, { genesisTime, periodSeconds, delaySeconds }: DrandSchedule): number {
  const time = timestamp + delaySeconds
  if (time < genesisTime) throw new DrandError('DRAND_BEFORE_GENESIS', `the round would be of ${time}`)
  return Math.ceil((time - genesisTime) / periodSeconds) + 1
}

/** What drand signs for a round. */
export function drandMessage(round: number): Hex {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(round))
  return bytesToHex(sha256(bytes))
}

/** Reads what drand's HTTP API answers for `round`; returns the signature, 128 bytes, not yet verified. */
export function parseDrandRound(answer: unknown, round: number): Uint8Array {
  const found = (answer ?? {}) as { round?: unknown; signature?: unknown }
  if (found.round !== round) throw new DrandError('DRAND_WRONG_ROUND', `round ${round} was asked for`)
  const signature = parseHex(`0x${found.signature}`, { bytes: 48, what: 'the signature of a drand round' })
  return decompressSignature(hexToBytes(signature))
}

/** What `postSeed` takes: the signature of the epoch's round, 128 bytes, and the RLP of its boundary block's header. */
export function drandProof(signature: Uint8Array, header: Uint8Array): Uint8Array {
  return concatBytes(signature, header)
}

/** The seed of `epoch`, if `proof` proves it, as the contract judges it; throws a `DrandError` or `MalformedHeaderError`. */
export function drandSeed(
  { chainId, enigma, publicKey, ...schedule }: DrandBeacon,
  { epoch, anchor, proof }: { epoch: number; anchor: Hex; proof: Uint8Array },
): bigint {
  if (proof.length < SEED_SIGNATURE_BYTES) throw new DrandError('DRAND_PROOF_TOO_SHORT', `it has ${proof.length} bytes`)
  const signature = proof.subarray(0, SEED_SIGNATURE_BYTES)
  const header = proof.subarray(SEED_SIGNATURE_BYTES)
  const hash = keccak256(header)
  if (hash !== anchor)
    throw new DrandError('DRAND_WRONG_HEADER', `its header hashes to ${hash}, the anchor is ${anchor}`)
  const round = roundAt(timestampOf(header), schedule)
  if (!verifySeed(drandMessage(round), signature, publicKey)) {
    throw new DrandError('INVALID_DRAND_SIGNATURE', `the key signed something else than round ${round}`)
  }
  const mixed = abiEncode(
    abiFixedBytes(label('enigma.drand.v1')),
    abiUint(chainId),
    abiAddress(enigma),
    abiUint(epoch),
    abiFixedBytes(keccak256(signature)),
  )
  return bits(BigInt(keccak256(mixed)), 0, 176)
}

const HINTS = {
  DRAND_BEFORE_GENESIS: 'The block is older than drand’s network: compare genesisTime and the chain’s clock.',
  DRAND_WRONG_ROUND: 'Ask another drand endpoint; this one answers for another round or network.',
  DRAND_PROOF_TOO_SHORT: 'A proof is a signature of 128 bytes, then the boundary block’s header.',
  DRAND_WRONG_HEADER: 'The header must be that of the epoch’s boundary block on this chain.',
  INVALID_DRAND_SIGNATURE:
    'Compare key, genesisTime, periodSeconds and delaySeconds with those of the beacon contract.',
}

/** Thrown when something does not prove an epoch's seed. */
export class DrandError extends EnigmaError {
  override readonly name = 'Drand.DrandError'
  readonly code: keyof typeof HINTS
  constructor(code: keyof typeof HINTS, found: string) {
    super(`This gives no seed from drand: ${found}.`, { hint: HINTS[code] })
    this.code = code
  }
}
