/**
 * BLS12-381 signatures of seeds ("min-sig": signature in G1, public key in G2), in the bytes that EIP-2537 takes.
 *
 * A file of its own, since only the Principal and whoever checks it need pairings: a client that imports none of this
 * ships none of it.
 */
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { bytesToBigInt, concatBytes, type Hex, hexToBytes } from './bytes.ts'
import { SEED_SIGNATURE_BYTES, SeedSignatureError } from './seed.ts'

/** RFC 9380 suite of the "basic" scheme; `BlsBeacon` hashes with the same. */
export const SEED_DST = 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_'
export const BEACON_KEY_BYTES = 256

const { shortSignatures, G1, G2 } = bls12_381
type G1Point = ReturnType<typeof shortSignatures.sign>
type G2Point = ReturnType<typeof shortSignatures.getPublicKey>

/** The public key in G2, 256 bytes: x.c0, x.c1, y.c0, y.c1. */
export function beaconPublicKey(secretKey: Uint8Array): Uint8Array {
  return encodeG2(shortSignatures.getPublicKey(secretKey))
}

/** The signature over `message` (see `seedMessage`), 128 bytes: x, y. */
export function signSeed(message: Hex, secretKey: Uint8Array): Uint8Array {
  return encodeG1(shortSignatures.sign(hashToG1(message), secretKey))
}

/** The signature's 128 bytes of its 48 compressed ones (ZCash's encoding). Throws a `SeedSignatureError`. */
export function decompressSignature(compressed: Uint8Array): Uint8Array {
  if (compressed.length !== 48) throw new SeedSignatureError(`compressed, it has ${compressed.length} bytes`)
  return encodeG1(pointOf(() => G1.Point.fromBytes(compressed)))
}

/** The key's 256 bytes of its 96 compressed ones, likewise. */
export function decompressKey(compressed: Uint8Array): Uint8Array {
  if (compressed.length !== 96) throw new SeedSignatureError(`compressed, its key has ${compressed.length} bytes`)
  return encodeG2(pointOf(() => G2.Point.fromBytes(compressed)))
}

/** Whether `publicKey` signed `message`. Malformed points count as no. */
export function verifySeed(message: Hex, signature: Uint8Array, publicKey: Uint8Array): boolean {
  let point: G1Point
  let key: G2Point
  try {
    point = parseG1(signature)
    key = parseG2(publicKey)
  } catch {
    return false
  }
  return shortSignatures.verify(point, hashToG1(message), key)
}

function hashToG1(message: Hex): G1Point {
  return shortSignatures.hash(hexToBytes(message), SEED_DST)
}

function parseG1(bytes: Uint8Array): G1Point {
  if (bytes.length !== SEED_SIGNATURE_BYTES) throw new SeedSignatureError(`it has ${bytes.length} bytes`)
  const [x, y] = fields(bytes) as [bigint, bigint]
  return pointOf(() => G1.Point.fromAffine({ x, y }))
}

function parseG2(bytes: Uint8Array): G2Point {
  if (bytes.length !== BEACON_KEY_BYTES) throw new SeedSignatureError(`its key has ${bytes.length} bytes`)
  const [x0, x1, y0, y1] = fields(bytes) as [bigint, bigint, bigint, bigint]
  return pointOf(() => G2.Point.fromAffine({ x: { c0: x0, c1: x1 }, y: { c0: y0, c1: y1 } }))
}

/**
 * The point that `read` reads: on the curve, in the right subgroup, and not infinity, which would verify under a key of
 * infinity. noble's `verify` checks it again; said here because everything rests on it.
 */
function pointOf<Point extends G1Point | G2Point>(read: () => Point): Point {
  let point: Point
  try {
    point = read()
    point.assertValidity()
  } catch {
    throw new SeedSignatureError('it is no point of the group')
  }
  // noble takes infinity for valid.
  if (point.is0()) throw new SeedSignatureError('it is the point at infinity')
  return point
}

function encodeG1(point: G1Point): Uint8Array {
  const { x, y } = point.toAffine()
  return concatBytes(field(x), field(y))
}

function encodeG2(point: G2Point): Uint8Array {
  const { x, y } = point.toAffine()
  return concatBytes(field(x.c0), field(x.c1), field(y.c0), field(y.c1))
}

/** EIP-2537: a field element is 64 bytes, big-endian, 16 of them zero. */
function field(value: bigint): Uint8Array {
  return hexToBytes(`0x${value.toString(16).padStart(128, '0')}`)
}

function fields(bytes: Uint8Array): bigint[] {
  return Array.from({ length: bytes.length / 64 }, (_, i) => bytesToBigInt(bytes.subarray(64 * i, 64 * (i + 1))))
}
