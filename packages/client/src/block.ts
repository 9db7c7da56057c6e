/** The head of the chain, and whether its clock can be believed. */
import { EnigmaError, type Hex } from '@enigma/protocol'
import { getBlock } from 'viem/actions'
import type { Clock } from './clock.ts'
import type { ChainClient } from './connection.ts'

export type Block = { number: bigint; hash: Hex; timestampSeconds: number; baseFeeWei: bigint }

export async function latestBlock(client: ChainClient): Promise<Block> {
  const { number, hash, timestamp, baseFeePerGas } = await getBlock(client, { blockTag: 'latest' })
  return { number, hash, timestampSeconds: Number(timestamp), baseFeeWei: baseFeePerGas ?? 0n }
}

/** The hash of block `number` on the RPC's branch. */
export async function blockHashOf(client: ChainClient, number: bigint): Promise<Hex> {
  const { hash } = await getBlock(client, { blockNumber: number })
  return hash
}

/**
 * Refuses a head that is far from this machine's clock. Collateral is judged at the head's time: an RPC that serves an
 * old branch would otherwise bring expired collateral, and platforms revoked since, back to life (S16).
 */
export function requireFreshHead(block: Block, clock: Clock, maxSkewSeconds: number): void {
  const skew = Math.abs(block.timestampSeconds - clock.nowMs() / 1000)
  if (skew > maxSkewSeconds) throw new ClockSkewError(block, Math.round(skew), maxSkewSeconds)
}

export class ClockSkewError extends EnigmaError {
  override readonly name = 'ClockSkewError'
  readonly code = 'CLOCK_SKEW'
  readonly skewSeconds: number
  constructor(block: Block, skewSeconds: number, maxSkewSeconds: number) {
    super(
      `Block ${block.number} is ${skewSeconds} s away from this machine's clock; ${maxSkewSeconds} s are allowed.`,
      {
        hint: 'Set the clock, or use an RPC that follows the head of the chain.',
      },
    )
    this.skewSeconds = skewSeconds
  }
}
