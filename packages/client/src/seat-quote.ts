/**
 * What a seat showed last: its quote, and the certificate of the platform behind it. The contract keeps the blocks; the
 * bytes themselves are only in its events.
 *
 * Whoever renews may show his platform's record instead of the certificate, which the contract verified before. Here it
 * is verified again, so it is read from the event that carried it.
 */

import { type Address, EnigmaError, type Hex, hexToBytes } from '@enigma/protocol'
import { parseEventLogs } from 'viem'
import { getLogs } from 'viem/actions'
import type { ChainClient } from './connection.ts'
import { enigmaAbi } from './enigma-abi.ts'
import { lower, type SeatFacts } from './enigma-contract.ts'

export type SeatQuote = {
  signer: Address
  operator: Address
  inputKey: Hex
  identityBlock: bigint
  /** Without its certification data. */
  bareQuote: Uint8Array
  /** The platform's PCK certificate in DER: the RPC's word, like all of this, until the quote is verified. */
  leaf: Uint8Array
}

/** A platform's record has six words; no certificate is so short. */
const RECORD_BYTES = 192

export async function readSeatQuote(
  client: ChainClient,
  enigma: Address,
  seat: number,
  { quoteBlock, leafBlock }: Pick<SeatFacts, 'quoteBlock' | 'leafBlock'>,
): Promise<SeatQuote> {
  const read = (block: bigint) => readSeatEvents(client, enigma, seat, block)
  const [latest, earlier] = await Promise.allSettled([
    read(quoteBlock),
    leafBlock === quoteBlock ? [] : read(leafBlock),
  ])
  if (latest.status === 'rejected') throw latest.reason
  // A seat may be taken and renewed in one block: the later event counts.
  const shown = latest.value.at(-1)
  if (!shown) throw new NoQuoteError(seat, quoteBlock)
  const before = earlier.status === 'fulfilled' ? earlier.value : []
  const vouched = [...before, ...latest.value].findLast(({ evidence }) => evidence.length !== RECORD_BYTES)
  const cause = earlier.status === 'rejected' ? earlier.reason : undefined
  if (!vouched) throw new NoCertificateError(seat, leafBlock, cause)
  const { evidence: _, ...quote } = shown
  return { ...quote, leaf: vouched.evidence }
}

/** In the order in which they were mined. */
async function readSeatEvents(client: ChainClient, enigma: Address, seat: number, block: bigint) {
  const logs = await getLogs(client, { address: enigma, fromBlock: block, toBlock: block })
  return parseEventLogs({ abi: enigmaAbi, eventName: ['SeatTaken', 'SeatRenewed'], logs })
    .filter(({ args, address }) => args.seat === BigInt(seat) && lower(address) === enigma)
    .map(({ args: { signer, operator, inputKey, identityBlock, quote, evidence } }) => ({
      signer: lower(signer),
      operator: lower(operator),
      inputKey,
      identityBlock,
      bareQuote: hexToBytes(quote),
      evidence: hexToBytes(evidence),
    }))
}

export class NoQuoteError extends EnigmaError {
  override readonly name = 'NoQuoteError'
  readonly code = 'NO_QUOTE'
  constructor(seat: number, quoteBlock: bigint) {
    super(`The RPC shows no quote of seat ${seat} in block ${quoteBlock}.`, {
      hint: 'It may have dropped old logs: use an RPC that keeps them.',
    })
  }
}

export class NoCertificateError extends EnigmaError {
  override readonly name = 'NoCertificateError'
  readonly code = 'NO_CERTIFICATE'
  constructor(seat: number, leafBlock: bigint, cause: unknown) {
    super(`The RPC shows no certificate of the platform of seat ${seat} in block ${leafBlock}.`, {
      hint: 'It may have dropped old logs: use an RPC that keeps them.',
      cause,
    })
  }
}
