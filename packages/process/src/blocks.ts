/**
 * Blocks and logs as a node tells them, parsed: nothing of a node's answer is used before it has passed here.
 */
import { type Address, type Hex, hexToBytes, keccak256, MalformedHexError, parseHex } from '@enigma/protocol'
import { RpcError } from './rpc.ts'
import { quantity } from './wallet.ts'

export type Block = {
  number: bigint
  hash: Hex
  parentHash: Hex
  timestamp: bigint
  baseFeeWei: bigint
  logsBloom: Hex
}

export type Log = {
  address: Address
  topics: readonly Hex[]
  data: Hex
  blockNumber: bigint
  blockHash: Hex
  logIndex: number
  transactionHash: Hex
}

/** Null where the node has no such block. */
export function parseBlock(value: unknown): Block | null {
  if (value === null) return null
  const block = record(value)
  return truthfully(() => ({
    number: quantity(block.number, 'a block number'),
    hash: parseHex(block.hash, { bytes: 32, what: 'hash' }),
    parentHash: parseHex(block.parentHash, { bytes: 32, what: 'parentHash' }),
    timestamp: quantity(block.timestamp, 'a timestamp'),
    baseFeeWei: quantity(block.baseFeePerGas, 'a base fee'),
    logsBloom: parseHex(block.logsBloom, { bytes: 256, what: 'logsBloom' }),
  }))
}

export function parseLogs(value: unknown): Log[] {
  if (!Array.isArray(value)) throw nonsense('logs')
  return value.map((entry: unknown) => {
    const log = record(entry)
    if (!Array.isArray(log.topics) || log.topics.length > 4) throw nonsense('topics')
    const topics: unknown[] = log.topics
    return truthfully(() => ({
      address: parseHex(log.address, { bytes: 20, what: 'address' }),
      topics: topics.map((topic) => parseHex(topic, { bytes: 32, what: 'topic' })),
      data: parseHex(log.data, { what: 'data' }),
      blockNumber: quantity(log.blockNumber, 'a block number'),
      blockHash: parseHex(log.blockHash, { bytes: 32, what: 'blockHash' }),
      logIndex: Number(quantity(log.logIndex, 'a log index')),
      transactionHash: parseHex(log.transactionHash, { bytes: 32, what: 'transactionHash' }),
    }))
  })
}

/** Whether a block with this bloom may hold a log of `address`; never wrongly false (Yellow Paper, section 4.4.3). */
export function mayHoldLogsOf(logsBloom: Hex, item: Hex): boolean {
  const hash = hexToBytes(keccak256(hexToBytes(item)))
  const bloom = hexToBytes(logsBloom)
  return [0, 2, 4].every((at) => {
    const bit = (((hash[at] as number) << 8) | (hash[at + 1] as number)) & 2047
    return ((bloom[255 - (bit >> 3)] as number) & (1 << (bit & 7))) !== 0
  })
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw nonsense('an object')
  return value as Record<string, unknown>
}

function truthfully<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof MalformedHexError) throw nonsense(error.message)
    throw error
  }
}

function nonsense(what: string): RpcError {
  return new RpcError('RPC_NONSENSE', `The node answered with malformed ${what}`)
}
