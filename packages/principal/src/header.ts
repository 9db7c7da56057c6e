/**
 * A block's header as bytes that hash to the block's hash: a node's word about a block is not taken, it is checked.
 */
import { headerRlp } from '@enigma/evm/proof/writer'
import { parseBlock, RpcError } from '@enigma/process'
import { type Hex, keccak256 } from '@enigma/protocol'

export type Header = { number: bigint; hash: Hex; timestamp: bigint; rlp: Uint8Array }

/** Of the node's answer to `eth_getBlockByNumber` for `number`; null where the node has no such block. */
export function parseHeader(answer: unknown, number: bigint): Header | null {
  const block = parseBlock(answer)
  if (!block) return null
  if (block.number !== number) throw new RpcError('RPC_NONSENSE', `The node answered another block than ${number}.`)
  const rlp = encode(answer)
  if (!rlp || keccak256(rlp) !== block.hash) {
    throw new RpcError('RPC_NONSENSE', `The node’s block ${number} does not hash to the hash that it gives.`)
  }
  return { number, hash: block.hash, timestamp: block.timestamp, rlp }
}

/** Undefined where a field is missing or malformed. */
function encode(answer: unknown): Uint8Array | undefined {
  try {
    return headerRlp(answer as Parameters<typeof headerRlp>[0])
  } catch {
    return undefined
  }
}
