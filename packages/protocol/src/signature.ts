/** secp256k1 signatures as the contract takes them: EIP-2098, with the parity in the top bit of `vs`. */
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { type Address, bytesToHex, concatBytes, type Hex, hexToBytes, keccak256, parseHex } from './bytes.ts'
import { EnigmaError } from './errors.ts'

export type CompactSignature = { r: Hex; vs: Hex }

/** `recovery` is 0 or 1; s is in the lower half of the group's order, since that bit is the only room for the parity. */
export function compactSignature({ r, s, recovery }: { r: Hex; s: Hex; recovery: 0 | 1 }): CompactSignature {
  const vs = hexToBytes(parseHex(s, { bytes: 32, what: 's' }))
  if ((vs[0] as number) & 0x80) throw new SignatureError('s is in the upper half')
  if (recovery === 1) vs[0] = (vs[0] as number) | 0x80
  return { r: parseHex(r, { bytes: 32, what: 'r' }), vs: bytesToHex(vs) }
}

/** Deterministic (RFC 6979): a backup worker's Core with the same key would sign the same bytes. */
export function signDigest(digest: Hex, secretKey: Uint8Array): CompactSignature {
  const signature = secp256k1.sign(hexToBytes(digest), secretKey, { prehash: false, format: 'recovered', lowS: true })
  return compactSignature({
    r: bytesToHex(signature.subarray(1, 33)),
    s: bytesToHex(signature.subarray(33, 65)),
    recovery: signature[0] === 1 ? 1 : 0,
  })
}

/** Who signed `digest`. Any well-formed signature recovers to somebody: compare the answer with whom you expect. */
export function recoverSigner(digest: Hex, { r, vs }: CompactSignature): Address {
  const s = hexToBytes(parseHex(vs, { bytes: 32, what: 'vs' }))
  const recovery = (s[0] as number) >> 7
  s[0] = (s[0] as number) & 0x7f
  const signature = concatBytes(new Uint8Array([recovery]), hexToBytes(parseHex(r, { bytes: 32, what: 'r' })), s)
  try {
    const hash = hexToBytes(parseHex(digest, { bytes: 32, what: 'digest' }))
    return addressOf(secp256k1.recoverPublicKey(signature, hash, { prehash: false }))
  } catch (cause) {
    throw new SignatureError('it recovers to no key', cause)
  }
}

/** The account of a secp256k1 secret key. */
export function signerAddress(secretKey: Uint8Array): Address {
  return addressOf(secp256k1.getPublicKey(secretKey))
}

function addressOf(publicKey: Uint8Array): Address {
  const uncompressed = secp256k1.Point.fromBytes(publicKey).toBytes(false)
  return `0x${keccak256(uncompressed.subarray(1)).slice(26)}`
}

export class SignatureError extends EnigmaError {
  override readonly name = 'Signature.SignatureError'
  readonly code = 'INVALID_SIGNATURE'
  constructor(found: string, cause?: unknown) {
    super(`This is no valid secp256k1 signature: ${found}.`, {
      hint: 'Ask its sender again; it was cut or changed.',
      cause,
    })
  }
}
