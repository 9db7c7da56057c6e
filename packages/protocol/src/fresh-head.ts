/**
 * What an observer signs for a Core that asks for the chain's head of now: the asker's nonce dates the answer.
 *
 * An observed header alone may be old. Where that would do harm (revocations that came since, collateral that expired),
 * Core demands one that was signed after it drew the nonce; the block's timestamp is then its time.
 */
import { abiEncode, abiFixedBytes, abiUint } from './abi.ts'
import { type Hex, keccak256, label } from './bytes.ts'
import type { ObservedHeader } from './observed-header.ts'
import { type CompactSignature, signDigest } from './signature.ts'

export type FreshHead = ObservedHeader & {
  /** Of the block, Unix seconds. */
  timestamp: bigint
  /** 32 bytes that the asker drew. */
  nonce: Hex
}

export function headDigest({ chainId, number, hash, timestamp, nonce }: FreshHead): Hex {
  return keccak256(
    abiEncode(
      abiFixedBytes(label('enigma.head.v1')),
      abiUint(chainId),
      abiUint(number),
      abiFixedBytes(hash),
      abiUint(timestamp),
      abiFixedBytes(nonce),
    ),
  )
}

export function signHead(secretKey: Uint8Array, head: FreshHead): CompactSignature {
  return signDigest(headDigest(head), secretKey)
}
