/**
 * What an observer signs: that a block of this chain has this hash.
 *
 * Core believes a header when `threshold` distinct observers of its own configured network signed for it. The signatures
 * are data: whoever carries them to Core can leave some out, and can add none.
 */
import { abiEncode, abiFixedBytes, abiUint } from './abi.ts'
import { type Address, type Hex, keccak256, label, parseHex } from './bytes.ts'
import { type CompactSignature, recoverSigner, SignatureError, signDigest } from './signature.ts'

export type ObservedHeader = { chainId: bigint; number: bigint; hash: Hex }

export function headerDigest({ chainId, number, hash }: ObservedHeader): Hex {
  return keccak256(
    abiEncode(abiFixedBytes(label('enigma.header.v1')), abiUint(chainId), abiUint(number), abiFixedBytes(hash)),
  )
}

export function signHeader(secretKey: Uint8Array, header: ObservedHeader): CompactSignature {
  return signDigest(headerDigest(header), secretKey)
}

/** Who signed this digest of a header. Anybody can: compare the answer with the network's observers. */
export function recoverObserver(digest: Hex, { r, vs }: CompactSignature): Address {
  // One signature, one spelling: EIP-2098 has room for a little more than the lower half of the group's order.
  if ((BigInt(parseHex(vs, { bytes: 32, what: 'vs' })) & S_BITS) > HALF_ORDER) {
    throw new SignatureError('s is in the upper half')
  }
  return recoverSigner(digest, { r, vs })
}

/**
 * Those of `observers` who signed this digest (`headerDigest`, `headDigest`), each once. What strangers signed counts for
 * nothing, and what is no signature likewise: else whoever carries the list could make a good one void by adding to it.
 */
export function observersOf(
  digest: Hex,
  signatures: readonly CompactSignature[],
  observers: readonly Address[],
): Address[] {
  const signers = new Set(signatures.map((signature) => signerIfAny(digest, signature)))
  return [...new Set(observers.map((observer) => parseHex(observer, { bytes: 20, what: 'observer' })))].filter(
    (observer) => signers.has(observer),
  )
}

function signerIfAny(digest: Hex, signature: CompactSignature): Address | undefined {
  try {
    return recoverObserver(digest, signature)
  } catch (error) {
    if (error instanceof SignatureError) return undefined
    throw error
  }
}

const S_BITS = (1n << 255n) - 1n
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n
