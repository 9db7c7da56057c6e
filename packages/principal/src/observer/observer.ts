/**
 * An observer: says of a block number which hash its own node has for it, once the block is `depth` deep, and never says
 * two things about one number.
 *
 * Enclaves believe a header when enough observers signed it. An observer that signed both branches of a reorganisation
 * would have them compute one task on two states; so what was signed for a number is remembered, and stays its answer.
 */
import { type Logger, quantity, type Rpc, RpcError } from '@enigma/process'
import { type Address, signerAddress, signHeader } from '@enigma/protocol'
import { parseHeader } from '../header.ts'
import type { SignedHeader, SignedHeaders } from './signed-headers.ts'

export type ObserverConfig = {
  chainId: bigint
  secretKey: Uint8Array
  depth: number
  /** Signs anew where a reorganisation has put another block: for development chains, whose tip is all there is. */
  followsReorganisations: boolean
}
type Parts = { rpc: Rpc; signed: SignedHeaders; log: Logger }

export type Observed = SignedHeader | { youngBy: bigint }
export type Observer = ReturnType<typeof createObserver>

export function createObserver(config: ObserverConfig, { rpc, signed, log }: Parts) {
  const { chainId, secretKey, depth, followsReorganisations } = config
  const address: Address = signerAddress(secretKey)
  let lookups = 0

  /** In one request, so that head and block are of one moment, and the chain is the one that this key speaks about. */
  async function look(number: bigint) {
    const [chain, head, block] = await rpc.batch([
      { method: 'eth_chainId', params: [] },
      { method: 'eth_blockNumber', params: [] },
      { method: 'eth_getBlockByNumber', params: [`0x${number.toString(16)}`, false] },
    ])
    if (quantity(chain, 'a chain id') !== chainId) throw new RpcError('RPC_NONSENSE', 'The node serves another chain.')
    return { head: quantity(head, 'a block number'), header: parseHeader(block, number) }
  }

  async function sign(number: bigint): Promise<Observed> {
    const { head, header } = await look(number)
    const deepest = head - BigInt(depth)
    if (number > deepest) return { youngBy: number - deepest }
    if (!header) throw new RpcError('RPC_NONSENSE', `The node has no block ${number}, and ${head} is its latest.`)
    // Read again: another request may have come first while the node answered.
    const before = signed.find(number)
    if (before && (before.hash === header.hash || !followsReorganisations)) return before
    const observed = { hash: header.hash, signature: signHeader(secretKey, { chainId, number, hash: header.hash }) }
    signed.put(number, observed)
    log.info(before ? 'header-signed-anew' : 'header-signed', { block: number, blockHash: header.hash })
    return observed
  }

  return {
    chainId,
    address,
    /** Throws an `RpcError` while the node does not answer, or is asked too much. */
    async observe(number: bigint): Promise<Observed> {
      const before = followsReorganisations ? undefined : signed.find(number)
      if (before) return before
      if (lookups >= MOST_LOOKUPS) throw new RpcError('RPC_LIMITED', 'Too many blocks are being looked up.')
      lookups++
      try {
        return await sign(number)
      } finally {
        lookups--
      }
    },
  }
}

/** At a time. */
const MOST_LOOKUPS = 64
