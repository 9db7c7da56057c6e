/**
 * An observer: says of a block number which hash its own node has for it, once the block is `depth` deep, and which block
 * is the newest of that depth. It never says two things about one number.
 *
 * Enclaves believe a header when enough observers signed it. An observer that signed both branches of a reorganisation
 * would have them compute one task on two states; so what was signed for a number is remembered, and stays its answer.
 */
import { type Clock, type Logger, quantity, type Rpc, RpcError, systemClock } from '@enigma/process'
import {
  type Address,
  type CompactSignature,
  type FreshHead,
  type Hex,
  signerAddress,
  signHead,
  signHeader,
} from '@enigma/protocol'
import { type Header, parseHeader } from '../header.ts'
import type { SignedHeader, SignedHeaders } from './signed-headers.ts'

export type ObserverConfig = {
  chainId: bigint
  secretKey: Uint8Array
  depth: number
  /** Signs anew where a reorganisation has put another block: for development chains, whose tip is all there is. */
  followsReorganisations: boolean
}
type Parts = { rpc: Rpc; signed: SignedHeaders; log: Logger; clock?: Clock }

type TooYoung = { youngBy: bigint }
export type Observed = SignedHeader | TooYoung
/**
 * `exchanged`: the newest block stands where this observer has signed for another one. `behind`: this block is not the head
 * of now, whatever the node says.
 */
export type HeadObserved =
  | (FreshHead & { signature: CompactSignature })
  | TooYoung
  | { exchanged: bigint }
  | { behind: bigint }
export type Observer = ReturnType<typeof createObserver>

export function createObserver(config: ObserverConfig, { rpc, signed, log, clock = systemClock }: Parts) {
  const { chainId, secretKey, depth, followsReorganisations } = config
  const address: Address = signerAddress(secretKey)
  let lookups = 0
  let newestSigned = signed.newest()

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

  /** What this observer says of the number, from now on: of this block, or of the one that it has signed before. */
  function vouch({ number, hash }: Header): SignedHeader {
    // Read again: another request may have come first while the node answered.
    const before = signed.find(number)
    if (before && (before.hash === hash || !followsReorganisations)) return before
    const observed = { hash, signature: signHeader(secretKey, { chainId, number, hash }) }
    signed.put(number, observed)
    if (newestSigned === undefined || number > newestSigned) newestSigned = number
    log.info(before ? 'header-signed-anew' : 'header-signed', { block: number, blockHash: hash })
    return observed
  }

  async function sign(number: bigint): Promise<Observed> {
    const { head, header } = await look(number)
    const deepest = head - BigInt(depth)
    if (number > deepest) return { youngBy: number - deepest }
    if (!header) throw new RpcError('RPC_NONSENSE', `The node has no block ${number}, and ${head} is its latest.`)
    return vouch(header)
  }

  /** A node that stands still, or one of several behind one URL that lags: its head is not now. */
  function isBehind({ number, timestamp }: Header): boolean {
    if (newestSigned !== undefined && number < newestSigned) return true
    return BigInt(clock.nowMs()) - timestamp * 1_000n > MOST_AGE_MS
  }

  async function signNewest(nonce: Hex): Promise<HeadObserved> {
    const number = quantity(await rpc.call('eth_blockNumber'), 'a block number') - BigInt(depth)
    if (number < 0n) return { youngBy: -number }
    const { head, header } = await look(number)
    if (!header || head < number + BigInt(depth)) {
      throw new RpcError('RPC_NONSENSE', `The node had ${number + BigInt(depth)} blocks, and now has ${head}.`)
    }
    const { hash, timestamp } = header
    if (!followsReorganisations && isBehind(header)) return { behind: number }
    if (vouch(header).hash !== hash) return { exchanged: number }
    const newest = { chainId, number, hash, timestamp, nonce }
    return { ...newest, signature: signHead(secretKey, newest) }
  }

  async function boundedly<T>(act: () => Promise<T>): Promise<T> {
    if (lookups >= MOST_LOOKUPS) throw new RpcError('RPC_LIMITED', 'Too many blocks are being looked up.')
    lookups++
    try {
      return await act()
    } finally {
      lookups--
    }
  }

  return {
    chainId,
    address,
    /** Throws an `RpcError` while the node does not answer, or is asked too much. */
    async observe(number: bigint): Promise<Observed> {
      const before = followsReorganisations ? undefined : signed.find(number)
      if (before) return before
      return boundedly(() => sign(number))
    },
    /** The newest block that is deep enough, for the asker who drew `nonce`. Throws as `observe` does. */
    newest: (nonce: Hex): Promise<HeadObserved> => boundedly(() => signNewest(nonce)),
  }
}

/** At a time. */
const MOST_LOOKUPS = 64
/** Of the newest block: half an hour, more than `depth` blocks of any chain take. */
const MOST_AGE_MS = 1_800_000n
