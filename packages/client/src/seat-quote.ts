/** The event in which a seat last showed its quote. The contract keeps the block; the quote itself is only here. */
import { enigmaAbi } from '@enigma/contracts'
import { type Address, EnigmaError, type Hex } from '@enigma/protocol'
import { parseEventLogs } from 'viem'
import { getLogs } from 'viem/actions'
import type { ChainClient } from './connection.ts'
import { lower } from './enigma-contract.ts'

export type SeatQuote = { signer: Address; operator: Address; inputKey: Hex; identityBlock: bigint; quote: Hex }

export async function readSeatQuote(
  client: ChainClient,
  enigma: Address,
  seat: number,
  quoteBlock: bigint,
): Promise<SeatQuote> {
  const logs = await getLogs(client, { address: enigma, fromBlock: quoteBlock, toBlock: quoteBlock })
  const events = parseEventLogs({ abi: enigmaAbi, eventName: ['SeatTaken', 'SeatRenewed'], logs })
  // A seat may be taken and renewed in one block: the later event counts.
  const event = events.findLast((candidate) => candidate.args.seat === BigInt(seat) && sameAddress(candidate, enigma))
  if (!event) throw new NoQuoteError(seat, quoteBlock)
  const { signer, operator, inputKey, identityBlock, quote } = event.args
  return { signer: lower(signer), operator: lower(operator), inputKey, identityBlock, quote }
}

function sameAddress(log: { address: string }, address: Address): boolean {
  return lower(log.address) === address
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
