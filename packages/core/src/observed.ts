/**
 * When does Core believe a block header?
 *
 * When as many different observers of its own network as the threshold says have signed its hash. The network is the one
 * of Core's start, whose hash stands in its quote and its sealing label: a host who brings observers of his own gets a
 * Core that nobody admits and that opens nothing (S25). Chain id and number are signed too, so that neither another
 * chain's block nor another block's signatures serve (S12).
 */
import { decodeHeader, type Header, ProofError } from '@enigma/evm/proof'
import { type CompactSignature, headerDigest, type Network, observersOf } from '@enigma/protocol'
import { CoreError } from './errors.ts'

declare const believed: unique symbol

/** A header that observers vouched for. Only `believeHeader` makes one. */
export type BelievedHeader = Header & { readonly [believed]: true }

/** What the bytes say, believed by nobody yet. Throws BAD_HEADER for bytes that are no header. */
export function parseHeader(rlp: Uint8Array): Header {
  try {
    return decodeHeader(rlp)
  } catch (error) {
    if (error instanceof ProofError) throw new CoreError('BAD_HEADER', error.code)
    throw error
  }
}

/**
 * Throws NOT_OBSERVED where too few observers signed it. Signatures of strangers, repeated ones and those that are none
 * count nothing and spoil nothing: they come from mirrors, and one bad line must not silence the good ones.
 */
export function believeHeader(
  { chainId, observers, threshold }: Network,
  header: Header,
  signatures: readonly CompactSignature[],
): BelievedHeader {
  const { number, hash } = header
  if (observersOf(headerDigest({ chainId, number, hash }), signatures, observers).length < threshold) {
    throw new CoreError('NOT_OBSERVED')
  }
  return header as BelievedHeader
}
