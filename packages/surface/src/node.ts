/**
 * What Surface asks its Ethereum node for, apart from contract calls: blocks, logs, and state at one block.
 */

import { type Block, type Log, parseBlock, parseLogs, quantity, type Rpc, RpcError } from '@enigma/process'
import type { Address, Hex } from '@enigma/protocol'

/** Blocks, and the logs of one contract. */
export type BlockSource = {
  readonly address: Address
  head(): Promise<Block>
  block(number: bigint): Promise<Block | null>
  logsOfBlock(hash: Hex): Promise<Log[]>
  logsOfRange(from: bigint, to: bigint): Promise<Log[]>
  /** The same logs, from the block's receipts. */
  logsOfReceipts(hash: Hex): Promise<Log[]>
}

export type AccountFacts = { address: Address; nonce: bigint; balance: bigint; code: Hex }
export type SlotFacts = { address: Address; slot: Hex; value: Hex }
export type StateRequest = {
  accounts: readonly Address[]
  slots: readonly { address: Address; slot: Hex }[]
  blockHashes: readonly number[]
}
export type StateFacts = { accounts: AccountFacts[]; slots: SlotFacts[]; blockHashes: { number: number; hash: Hex }[] }

/** State at the end of one block. */
export type StateSource = {
  code(address: Address, blockHash: Hex): Promise<Hex>
  /** All in one round trip. */
  state(request: StateRequest, blockHash: Hex): Promise<StateFacts>
}

export type EthereumNode = BlockSource & StateSource & { blockByHash(hash: Hex): Promise<Block | null> }

export function createNode(rpc: Rpc, address: Address): EthereumNode {
  const at = (blockHash: Hex) => ({ blockHash }) // EIP-1898: never the state of another branch
  return {
    address,
    async head() {
      const block = parseBlock(await rpc.call('eth_getBlockByNumber', ['latest', false]))
      if (!block) throw new RpcError('RPC_NONSENSE', 'The node has no latest block.')
      return block
    },
    async block(number) {
      const block = parseBlock(await rpc.call('eth_getBlockByNumber', [toQuantity(number), false]))
      // The cursor would jump, and with it over every task between.
      if (block && block.number !== number) throw new RpcError('RPC_NONSENSE', 'The node answered with another block.')
      return block
    },
    async blockByHash(hash) {
      const block = parseBlock(await rpc.call('eth_getBlockByHash', [hash, false]))
      if (block && block.hash !== hash) throw new RpcError('RPC_NONSENSE', 'The node answered with another block.')
      return block
    },
    logsOfBlock: async (blockHash) => onlyOf(address, await rpc.call('eth_getLogs', [{ address, blockHash }])),
    logsOfRange: async (from, to) =>
      onlyOf(
        address,
        await rpc.call('eth_getLogs', [{ address, fromBlock: toQuantity(from), toBlock: toQuantity(to) }]),
      ),
    async logsOfReceipts(blockHash) {
      const receipts = await rpc.call('eth_getBlockReceipts', [blockHash])
      if (!Array.isArray(receipts)) throw new RpcError('RPC_NONSENSE', 'The node has no receipts of its own block.')
      return receipts.flatMap((receipt: { logs?: unknown }) =>
        parseLogs(receipt.logs).filter((log) => log.address === address),
      )
    },
    code: async (account, blockHash) => hexOf(await rpc.call('eth_getCode', [account, at(blockHash)])),
    async state({ accounts, slots, blockHashes }, blockHash) {
      const answers = await rpc.batch([
        ...accounts.flatMap((account) =>
          ['eth_getTransactionCount', 'eth_getBalance', 'eth_getCode'].map((method) => ({
            method,
            params: [account, at(blockHash)],
          })),
        ),
        ...slots.map(({ address: account, slot }) => ({
          method: 'eth_getStorageAt',
          params: [account, slot, at(blockHash)],
        })),
        ...blockHashes.map((number) => ({
          method: 'eth_getBlockByNumber',
          params: [toQuantity(BigInt(number)), false],
        })),
      ])
      const slotAnswers = answers.slice(accounts.length * 3, accounts.length * 3 + slots.length)
      const blockAnswers = answers.slice(accounts.length * 3 + slots.length)
      return {
        accounts: accounts.map((account, index) => ({
          address: account,
          nonce: quantity(answers[index * 3], 'a nonce'),
          balance: quantity(answers[index * 3 + 1], 'a balance'),
          code: hexOf(answers[index * 3 + 2]),
        })),
        slots: slots.map((slot, index) => ({ ...slot, value: word(slotAnswers[index]) })),
        blockHashes: blockHashes.map((number, index) => ({ number, hash: hashOf(blockAnswers[index]) })),
      }
    },
  }
}

export const toQuantity = (value: bigint): Hex => `0x${value.toString(16)}`

function onlyOf(address: Address, answer: unknown): Log[] {
  const logs = parseLogs(answer)
  if (logs.some((log) => log.address !== address))
    throw new RpcError('RPC_NONSENSE', "The node answered with another contract's logs.")
  return logs.toSorted((a, b) => Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex)
}

function hexOf(value: unknown): Hex {
  if (typeof value !== 'string' || !/^0x(?:[0-9a-fA-F]{2})*$/.test(value))
    throw new RpcError('RPC_NONSENSE', 'The node answered no bytes.')
  return value.toLowerCase() as Hex
}

/** Some nodes shorten storage words. */
function word(value: unknown): Hex {
  return `0x${quantity(value, 'a storage word').toString(16).padStart(64, '0')}`
}

function hashOf(value: unknown): Hex {
  const block = parseBlock(value)
  if (!block) throw new RpcError('RPC_NONSENSE', 'The node misses an ancestor of its own block.')
  return block.hash
}
