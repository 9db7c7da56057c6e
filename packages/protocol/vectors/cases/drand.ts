/** Vectors of seeds from drand: two real rounds of quicknet, and rounds of a network of our own, whose key is at hand. */
import { bls12_381 } from '@noble/curves/bls12-381.js'
import {
  beaconPublicKey,
  bytesToHex,
  concatBytes,
  type DrandBeacon,
  decompressKey,
  decompressSignature,
  drandMessage,
  drandProof,
  drandSeed,
  type Hex,
  hexToBytes,
  keccak256,
  QUICKNET,
  roundAt,
  signSeed,
} from '../../src/index.ts'
import type { Case, VectorFile } from '../generate.ts'
import { CHAIN, errorOf, OTHER_CHAIN, sample, sampleSecret } from './samples.ts'

/** Compressed, as https://api.drand.sh answers them. */
const ROUNDS: Record<number, Hex> = {
  20791007: '0x8d2c8bbc37170dbacc5e280a21d4e195cff5f32a19fd6a58633fa4e4670478b5fb39bc13dd8f8c4372c5a76191198ac5',
  20905307: '0x8a60486975062d9f06633c284cf1a7b46fb343f56f329f180530ca40a9e86320244f4fbfc37ae866cf25ef499665a31f',
}
const PUBLISHED = (round: number) => QUICKNET.genesisTime + (round - 1) * QUICKNET.periodSeconds
const DELAY = 30

const { genesisTime, periodSeconds } = QUICKNET
const quicknet: DrandBeacon = {
  ...CHAIN,
  publicKey: decompressKey(hexToBytes(QUICKNET.publicKey)),
  ...{ genesisTime, periodSeconds, delaySeconds: DELAY },
}
const secret = sampleSecret('drand network').fill(0, 0, 1)
const own: DrandBeacon = {
  ...CHAIN,
  publicKey: beaconPublicKey(secret),
  ...{ genesisTime: 100, periodSeconds: 5, delaySeconds: 7 },
}

type Given = {
  name: string
  beacon: DrandBeacon
  epoch?: number
  timestamp: number
  header: Uint8Array
  signature: Uint8Array
}
type Bad = Pick<Given, 'name' | 'beacon' | 'epoch'> & { proof: Uint8Array; anchor?: Hex }

export async function drandVectors(): Promise<VectorFile> {
  return {
    comment:
      'proof = signature | header; anchor = keccak256(header); round = ceil((timestamp + delaySeconds - genesisTime) / ' +
      'periodSeconds) + 1; message = sha256(round, 8 bytes big-endian); signature: BLS12-381 in G1 over message, DST ' +
      'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_; compressed as drand publishes it, else as EIP-2537 encodes points. seed = low ' +
      '176 bits of keccak256(abi.encode(keccak256("enigma.drand.v1"), chainId, enigma, epoch, keccak256(signature))). The first ' +
      'two cases are real rounds of quicknet, for headers that are not. failures: proofs to refuse, each with its error.',
    cases: CASES.map(drandCase),
    failures: await Promise.all(failures().map(failure)),
  }
}

const CASES: Given[] = [
  realCase('quicknet, a round published just when the delay ends', 20791007, 0),
  realCase('quicknet, a round published as late after the delay as can be', 20905307, 2),
  ownCase('the first round', 93),
  ownCase('a timestamp of one byte', 127),
  ownCase('a timestamp of one byte that does not stand for itself', 128),
  ownCase('a timestamp of five bytes', 2 ** 40 - 1),
  ownCase('another epoch in the same round', 127, { epoch: 71 }),
  ownCase('the same epoch on another chain', 127, { beacon: { ...own, ...OTHER_CHAIN } }),
  ownCase('a timestamp of zero', 0, { beacon: { ...own, genesisTime: 0 } }),
  ownCase('a header without a fee', 500, { header: list(fields(500).slice(0, 15)) }),
  ownCase('a header with long extra data and fields of later forks', 500, {
    header: list([...fields(500, 97), hexToBytes(sample('root')), new Uint8Array(0), hexToBytes(sample('hash'))]),
  }),
]

function realCase(name: string, round: number, waitSeconds: number): Given {
  const timestamp = PUBLISHED(round) - DELAY - waitSeconds
  return { name, beacon: quicknet, timestamp, header: headerAt(timestamp), signature: real(round) }
}

function ownCase(name: string, timestamp: number, given: Partial<Given> = {}): Given {
  const beacon = given.beacon ?? own
  const signature = signSeed(drandMessage(roundAt(timestamp, beacon)), secret)
  return { name, timestamp, header: headerAt(timestamp), signature, ...given, beacon }
}

function failures(): Bad[] {
  const { header, signature } = CASES[0] as Given
  const bytes = (name: string, proof: Uint8Array, more: Partial<Bad> = {}) => ({
    name,
    beacon: quicknet,
    proof,
    ...more,
  })
  const signed = (name: string, bad: Uint8Array) => bytes(name, drandProof(bad, header))
  const malformed = (name: string, bad: Uint8Array) => bytes(name, drandProof(signature, bad))
  const scheduled = (name: string, change: Partial<DrandBeacon>) =>
    bytes(name, drandProof(signature, header), { beacon: { ...quicknet, ...change } })
  const moved = (name: string, seconds: number) =>
    bytes(name, drandProof(signature, headerAt(PUBLISHED(20791007) - DELAY + seconds)))
  const y = BigInt(bytesToHex(signature.subarray(64)))
  const [at, withField] = [PUBLISHED(20791007) - DELAY, (i: number, raw: Uint8Array) => list(fields(at), { [i]: raw })]
  return [
    signed('the signature of another round', real(20905307)),
    signed("another key's signature", signSeed(drandMessage(20791007), secret)),
    signed('the negated signature', concatBytes(signature.subarray(0, 64), coordinate(FP - y))),
    signed('the point at infinity', new Uint8Array(128)),
    signed(
      'a byte of the signature flipped',
      signature.map((byte, i) => (i === 100 ? byte ^ 1 : byte)),
    ),
    scheduled('a period less of delay is the round before', { delaySeconds: DELAY - 3 }),
    scheduled('a second more of delay is the next round', { delaySeconds: DELAY + 1 }),
    scheduled('another genesis', { genesisTime: genesisTime - 3 }),
    scheduled('another period', { periodSeconds: 4 }),
    scheduled('a network that begins later', { genesisTime: PUBLISHED(20791007) + 1 }),
    moved('a block one second later', 1),
    moved('a block of the round before', -3),
    bytes('the header of another block', drandProof(signature, headerAt(at)), { anchor: sample('another block') }),
    bytes('a byte after the header', drandProof(signature, concatBytes(header, Uint8Array.of(0))), {
      anchor: keccak256(header),
    }),
    bytes('no header', signature, { anchor: keccak256(header) }),
    bytes('one byte short of a signature', signature.subarray(0, 127)),
    bytes('nothing at all', new Uint8Array(0)),
    malformed('an empty header', new Uint8Array(0)),
    malformed('two bytes of a header', Uint8Array.of(0xf9, 0x02)),
    malformed('a string instead of a list', concatBytes(Uint8Array.of(0xb9), header.subarray(1))),
    malformed('a list that says to be one byte longer', lengthened(header, 1)),
    malformed('a list that says to be one byte shorter', lengthened(header, -1)),
    malformed('a list with its length in one byte', shortList()),
    malformed(
      'a length of the list with a leading zero',
      concatBytes(Uint8Array.of(0xf9, 0, 12), new Uint8Array(12).fill(5)),
    ),
    malformed('a header that ends before the timestamp', list(fields(at).slice(0, 11))),
    malformed('a header that ends within the timestamp', cutWithinTimestamp(at)),
    malformed('a list among the fields', withField(7, Uint8Array.of(0xc0))),
    malformed('a field of 65,536 bytes', withField(6, Uint8Array.of(0xba, 1, 0, 0))),
    malformed('a byte that should stand for itself', withField(7, Uint8Array.of(0x81, 0x7f))),
    malformed(
      'a short string with a length byte',
      withField(7, concatBytes(Uint8Array.of(0xb8, 55), new Uint8Array(55))),
    ),
    malformed(
      'a string with a length byte too many',
      withField(7, concatBytes(Uint8Array.of(0xb9, 0, 255), new Uint8Array(255))),
    ),
    malformed('a timestamp with a leading zero', withField(11, concatBytes(Uint8Array.of(0x85, 0), scalar(at)))),
    malformed('a timestamp of one zero byte', withField(11, Uint8Array.of(0))),
    malformed('a timestamp of six bytes', withField(11, Uint8Array.of(0x86, 1, 0, 0, 0, 0, 0))),
    malformed('a timestamp that is a list', withField(11, concatBytes(Uint8Array.of(0xc4), scalar(at)))),
  ]
}

const FP = bls12_381.fields.Fp.ORDER

function drandCase({ name, beacon, epoch = 70, timestamp, header, signature }: Given): Case {
  const [proof, anchor] = [drandProof(signature, header), keccak256(header)]
  const { x, y } = { x: BigInt(bytesToHex(signature.subarray(0, 64))), y: BigInt(bytesToHex(signature.subarray(64))) }
  const compressed = bytesToHex(bls12_381.G1.Point.fromAffine({ x, y }).toBytes(true))
  return {
    name,
    ...texts(beacon),
    ...{ epoch: String(epoch), anchor, timestamp: String(timestamp), round: String(roundAt(timestamp, beacon)) },
    ...{ message: drandMessage(roundAt(timestamp, beacon)), compressed, header: bytesToHex(header) },
    ...{ signature: bytesToHex(signature), proof: bytesToHex(proof) },
    seed: String(drandSeed(beacon, { epoch, anchor, proof })),
  }
}

async function failure({
  name,
  beacon,
  proof,
  epoch = 70,
  anchor = keccak256(proof.subarray(128)),
}: Bad): Promise<Case> {
  const error = await errorOf(() => drandSeed(beacon, { epoch, anchor, proof }))
  return { name, ...texts(beacon), epoch: String(epoch), anchor, proof: bytesToHex(proof), error }
}

function texts({ chainId, enigma, publicKey, genesisTime, periodSeconds, delaySeconds }: DrandBeacon): Case {
  const schedule = { genesisTime, periodSeconds, delaySeconds }
  const numbers = Object.entries({ chainId, ...schedule }).map(([field, value]) => [field, String(value)])
  return { ...Object.fromEntries(numbers), enigma, publicKey: bytesToHex(publicKey) }
}

function real(round: number): Uint8Array {
  return decompressSignature(hexToBytes(ROUNDS[round] as Hex))
}

/* HEADERS */

function headerAt(timestamp: number): Uint8Array {
  return list(fields(timestamp))
}

/** Of a London header: 16 fields, the twelfth of which is the timestamp. */
function fields(timestamp: number, extraBytes = 20): Uint8Array[] {
  const hash = (name: string) => hexToBytes(sample(`header ${name}`))
  return [
    ...[
      hash('parent'),
      hash('ommers'),
      hash('miner').subarray(12),
      hash('state'),
      hash('transactions'),
      hash('receipts'),
    ],
    ...[new Uint8Array(256), scalar(0), scalar(23_000_000), scalar(45_000_000), scalar(21_000), scalar(timestamp)],
    ...[new Uint8Array(extraBytes).fill(0x65), hash('mix'), new Uint8Array(8), scalar(7)],
  ]
}

function scalar(value: number): Uint8Array {
  const digits = value.toString(16)
  return value === 0 ? new Uint8Array(0) : hexToBytes(`0x${digits.padStart(digits.length + (digits.length % 2), '0')}`)
}

/** RLP of a list of strings; `raw` replaces the encoding of single items. */
function list(items: readonly Uint8Array[], raw: Record<number, Uint8Array> = {}): Uint8Array {
  const payload = concatBytes(...items.map((item, i) => raw[i] ?? string(item)))
  return concatBytes(Uint8Array.of(0xf9, payload.length >> 8, payload.length & 255), payload)
}

function string(bytes: Uint8Array): Uint8Array {
  const { length } = bytes
  if (length === 1 && (bytes[0] as number) < 0x80) return bytes
  if (length < 56) return concatBytes(Uint8Array.of(0x80 + length), bytes)
  return concatBytes(length < 256 ? Uint8Array.of(0xb8, length) : Uint8Array.of(0xb9, length >> 8, length & 255), bytes)
}

function lengthened(header: Uint8Array, by: number): Uint8Array {
  const length = header.length - 3 + by
  return concatBytes(Uint8Array.of(0xf9, length >> 8, length & 255), header.subarray(3))
}

function shortList(): Uint8Array {
  return concatBytes(Uint8Array.of(0xf8, 60), new Uint8Array(60))
}

function cutWithinTimestamp(timestamp: number): Uint8Array {
  const payload = concatBytes(...fields(timestamp).slice(0, 12).map(string)).subarray(0, -1)
  return concatBytes(Uint8Array.of(0xf9, payload.length >> 8, payload.length & 255), payload)
}

/** EIP-2537: 64 bytes, big-endian. */
function coordinate(value: bigint): Uint8Array {
  return hexToBytes(`0x${value.toString(16).padStart(128, '0')}`)
}
