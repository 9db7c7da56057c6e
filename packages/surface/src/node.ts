/**
 * What Surface follows the chain by: blocks, and the logs of one contract.
 */

import { type Block, type Log, parseBlock, parseLogs, type Rpc, RpcError } from '@enigma/process'
import type { Address, Hex } from '@enigma/protocol'

/** Blocks, and the logs of one contract. */
export type BlockSource = {
  readonly address: Address
  head(): Promise<Block>
  block(number: bigint): Promise<Block | null>
  /** Both included, in one question; ends before the first that the node does not know. */
  blocks(from: bigint, to: bigint): Promise<Block[]>
  logsOfBlock(hash: Hex): Promise<Log[]>
  /** Of each block, in one question. */
  logsOfBlocks(hashes: readonly Hex[]): Promise<Log[][]>
  logsOfRange(from: bigint, to: bigint): Promise<Log[]>
  /** The same logs, from the block's receipts. */
  logsOfReceipts(hash: Hex): Promise<Log[]>
}

export type EthereumNode = BlockSource & {
  blockByHash(hash: Hex): Promise<Block | null>
  /** Calldata of the block's transactions to the contract, reverted ones included, in order; undefined without such a block. */
  calldataOf(number: bigint): Promise<Hex[] | undefined>
}

export function createNode(rpc: Rpc, address: Address): EthereumNode {
  return {
    address,
    async head() {
      const block = parseBlock(await rpc.call('eth_getBlockByNumber', ['latest', false]))
      if (!block) throw new RpcError('RPC_NONSENSE', 'The node has no latest block.')
      return block
    },
    async block(number) {
      return parseBlockAt(number, await rpc.call('eth_getBlockByNumber', [toQuantity(number), false]))
    },
    async blocks(from, to) {
      const numbers = Array.from({ length: Number(to - from) + 1 }, (_, i) => from + BigInt(i))
      const answers = await rpc.batch(
        numbers.map((number) => ({ method: 'eth_getBlockByNumber', params: [toQuantity(number), false] })),
      )
      const blocks: Block[] = []
      for (const [i, number] of numbers.entries()) {
        const block = parseBlockAt(number, answers[i])
        if (!block) break
        blocks.push(block)
      }
      return blocks
    },
    async blockByHash(hash) {
      const block = parseBlock(await rpc.call('eth_getBlockByHash', [hash, false]))
      if (block && block.hash !== hash) throw new RpcError('RPC_NONSENSE', 'The node answered with another block.')
      return block
    },
    logsOfBlock: async (blockHash) => onlyOf(address, await rpc.call('eth_getLogs', [{ address, blockHash }])),
    async logsOfBlocks(hashes) {
      const calls = hashes.map((blockHash) => ({ method: 'eth_getLogs', params: [{ address, blockHash }] }))
      return (await rpc.batch(calls)).map((answer) => onlyOf(address, answer))
    },
    logsOfRange: async (from, to) =>
      onlyOf(
        address,
        await rpc.call('eth_getLogs', [{ address, fromBlock: toQuantity(from), toBlock: toQuantity(to) }]),
      ),
    async calldataOf(number) {
      const block = await rpc.call('eth_getBlockByNumber', [toQuantity(number), true])
      return block === null ? undefined : calldataTo(address, block)
    },
    async logsOfReceipts(blockHash) {
      const receipts = await rpc.call('eth_getBlockReceipts', [blockHash])
      if (!Array.isArray(receipts)) throw new RpcError('RPC_NONSENSE', 'The node has no receipts of its own block.')
      return receipts.flatMap((receipt: { logs?: unknown }) =>
        parseLogs(receipt.logs).filter((log) => log.address === address),
      )
    },
  }
}

export const toQuantity = (value: bigint): Hex => `0x${value.toString(16)}`

function parseBlockAt(number: bigint, answer: unknown): Block | null {
  const block = parseBlock(answer)
  // The cursor would jump, and with it over every task between.
  if (block && block.number !== number) throw new RpcError('RPC_NONSENSE', 'The node answered with another block.')
  return block
}

function calldataTo(address: Address, block: unknown): Hex[] {
  const { transactions } = block as { transactions?: unknown }
  if (!Array.isArray(transactions)) throw new RpcError('RPC_NONSENSE', 'The node has no transactions of its own block.')
  return transactions
    .filter(({ to, input }) => typeof to === 'string' && to.toLowerCase() === address && typeof input === 'string')
    .map(({ input }) => input as Hex)
}

function onlyOf(address: Address, answer: unknown): Log[] {
  const logs = parseLogs(answer)
  if (logs.some((log) => log.address !== address))
    throw new RpcError('RPC_NONSENSE', "The node answered with another contract's logs.")
  return logs.toSorted((a, b) => Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex)
}
