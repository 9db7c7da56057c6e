/**
 * One account as its node sees it: nonces, receipts, and what became of a broadcast.
 *
 * Signing is handed in, because it belongs to the file that knows the chain library.
 */
import type { Address, Hex } from '@enigma/protocol'
import { type Rpc, RpcError } from './rpc.ts'

export type UnsignedTransaction = {
  nonce: number
  to: Address
  data: Hex
  valueWei: bigint
  gas: bigint
  maxFeeWei: bigint
  tipWei: bigint
}
export type SignedTransaction = { raw: Hex; hash: Hex }
export type MinedTransaction = { succeeded: boolean; block: bigint; gasUsed: bigint }
/**
 * `accepted` also where the node had it already. `nonce-taken`: another transaction waits with this nonce, and offers too
 * much to be replaced. `refused`: this transaction will never do, as it is.
 */
export type Broadcast = 'accepted' | 'nonce-used' | 'nonce-taken' | 'underpriced' | 'no-funds' | 'refused'

export type Wallet = {
  readonly address: Address
  sign(transaction: UnsignedTransaction): Promise<SignedTransaction>
  nonces(): Promise<{ latest: number; pending: number }>
  /** Throws only for an outage. */
  broadcast(raw: Hex): Promise<Broadcast>
  receipts(hashes: readonly Hex[]): Promise<(MinedTransaction | null)[]>
}

export function createWallet(rpc: Rpc, address: Address, sign: Wallet['sign']): Wallet {
  return {
    address,
    sign,
    async nonces() {
      const [latest, pending] = await rpc.batch([
        { method: 'eth_getTransactionCount', params: [address, 'latest'] },
        { method: 'eth_getTransactionCount', params: [address, 'pending'] },
      ])
      const mined = nonceOf(latest)
      return { latest: mined, pending: Math.max(mined, nonceOf(pending)) }
    },
    async broadcast(raw) {
      try {
        await rpc.call('eth_sendRawTransaction', [raw])
        return 'accepted'
      } catch (error) {
        if (error instanceof RpcError && error.code === 'RPC_REFUSED') return meaningOf(error)
        throw error
      }
    },
    async receipts(hashes) {
      const found = await rpc.batch(hashes.map((hash) => ({ method: 'eth_getTransactionReceipt', params: [hash] })))
      return found.map(parseReceipt)
    },
  }
}

/** Nodes have no codes for these, only words: geth's and reth's, Nethermind's, Erigon's, Besu's and anvil's. */
function meaningOf(error: RpcError): Broadcast {
  const said = error.said.toLowerCase()
  if (/already known|alreadyknown|already imported|known transaction/.test(said)) return 'accepted'
  if (/nonce too low|oldnonce|nonce is too low|nonce_too_low/.test(said)) return 'nonce-used'
  if (/replacement.*underpriced|replacementnotallowed/.test(said)) return 'nonce-taken'
  if (/underpriced|feetoolow|less than block base fee|fee too low/.test(said)) return 'underpriced'
  if (/insufficient ?funds|insufficient balance|upfront cost/.test(said)) return 'no-funds'
  // A full pool passes; it says nothing about this transaction.
  if (/pool is full|limit exceeded|too many|timeout|busy/.test(said)) {
    throw new RpcError('RPC_LIMITED', error.message, { said: error.said, cause: error })
  }
  return 'refused'
}

function parseReceipt(value: unknown): MinedTransaction | null {
  if (value === null) return null
  const receipt = value as Record<string, unknown>
  return {
    succeeded: quantity(receipt.status, 'a receipt') === 1n,
    block: quantity(receipt.blockNumber, 'a receipt'),
    gasUsed: quantity(receipt.gasUsed, 'a receipt'),
  }
}

/** Far below the 2^64 of EIP-2681, and far above any account. */
function nonceOf(value: unknown): number {
  const nonce = Number(quantity(value, 'a nonce'))
  if (Number.isSafeInteger(nonce)) return nonce
  throw new RpcError('RPC_NONSENSE', 'The node answered a nonce that no account has.')
}

/** Reads a JSON-RPC quantity of at most 32 bytes. */
export function quantity(value: unknown, what: string): bigint {
  if (typeof value === 'string' && /^0x[0-9a-fA-F]{1,64}$/.test(value)) return BigInt(value)
  throw new RpcError('RPC_NONSENSE', `The node answered ${what} that is no number.`)
}
