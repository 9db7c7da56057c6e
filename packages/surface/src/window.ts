/**
 * When a rank may settle a task, in blocks. The same arithmetic as in the contract: windows are disjoint and nothing is stored.
 *
 *   rank 0   [createdBlock + 1, …     rank r   [createdBlock + r·W, …     all end before createdBlock + RANKS·W,
 *   from which block on anyone may cancel.
 */
import { RANKS } from '@enigma/protocol'

export type Timing = 'wait' | 'act' | 'over'

/** First block in which `rank` may settle. */
export function opensAt(createdBlock: bigint, rank: number, windowBlocks: number): bigint {
  const offset = BigInt(rank) * BigInt(windowBlocks)
  return createdBlock + (offset > 1n ? offset : 1n)
}

/** First block in which nobody may settle any more. */
export function closesAt(createdBlock: bigint, windowBlocks: number): bigint {
  return createdBlock + BigInt(RANKS) * BigInt(windowBlocks)
}

/** Blocks that may be rolled back: at least a task's life, since tasks in older blocks are taken for over. */
export function keptBlocks(wanted: number, windowBlocks: number): number {
  return Math.max(wanted, RANKS * windowBlocks + 1)
}

/**
 * What `rank` should do about a task when `head` is the newest block. A transaction sent now lands in the next block at the
 * earliest, so acting starts one block before the window opens and ends one before it closes.
 */
export function timingOf(createdBlock: bigint, rank: number, windowBlocks: number, head: bigint): Timing {
  const next = head + 1n
  if (next >= closesAt(createdBlock, windowBlocks)) return 'over'
  return next >= opensAt(createdBlock, rank, windowBlocks) ? 'act' : 'wait'
}
