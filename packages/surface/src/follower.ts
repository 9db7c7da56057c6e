/**
 * Follows the chain: each block of the canonical chain exactly once and in order, through restarts, reorganisations, outages and
 * nodes that answer inconsistently (claim S20).
 *
 * Polling is the truth; nothing is remembered outside the database. The handler's changes and the cursor move in one
 * database transaction, so a crash leaves both or neither. A step is one of:
 *   the tip is not canonical any more   → walk back to the common ancestor, roll back
 *   far behind                          → logs of a range, halved when the node refuses it, up to where blocks may still change
 *   near the head                       → block by block, logs asked for by block hash, which no reorganisation can mix up
 */

import { type Block, type Database, isOutage, type Log, mayHoldLogsOf, RpcError, transaction } from '@enigma/process'
import { EnigmaError, type Hex } from '@enigma/protocol'
import type { BlockSource } from './node.ts'

export const FOLLOWER_SCHEMA = 'CREATE TABLE block (number INTEGER PRIMARY KEY, hash TEXT NOT NULL) STRICT'

export type FollowerHandler = {
  /** One more block. `logs` are all logs of the watched contract in it, in order. */
  apply(block: Block, logs: readonly Log[]): void
  /** Old blocks at once, for catching up. */
  applyRange(toBlock: bigint, logs: readonly Log[]): void
  /** The blocks above `ancestor` are gone. */
  rollback(ancestor: bigint): void
}
export type FollowerSettings = {
  /** Where to begin without a cursor; negative: that many blocks before the head. */
  firstBlock: bigint
  /** Blocks below the head that are taken one by one, and may be rolled back. */
  keepBlocks: number
  /** Most blocks in one range query. */
  rangeBlocks: number
}
/** Blocks asked for at once: a few questions of a few kilobytes each, and most of the time goes by waiting for answers. */
const MOST_AT_ONCE = 32n

/** `arrived`: advanced, and now at the head. */
export type FollowerStep = 'idle' | 'advanced' | 'arrived' | 'rolled-back'
export type Follower = ReturnType<typeof createFollower>

type Cursor = { number: bigint; hash: Hex }
type Parts = { db: Database; source: BlockSource; handler: FollowerHandler; settings: FollowerSettings }

export function createFollower({ db, source, handler, settings }: Parts) {
  let range = BigInt(settings.rangeBlocks)
  const select = db.prepare('SELECT hash FROM block WHERE number = ?')
  const insert = db.prepare('INSERT INTO block VALUES (?, ?) ON CONFLICT (number) DO UPDATE SET hash = excluded.hash')

  const prune = db.prepare('DELETE FROM block WHERE number < ?')

  function cursor(): Cursor | undefined {
    const row = db.prepare('SELECT number, hash FROM block ORDER BY number DESC LIMIT 1').get()
    return row && { number: BigInt(row.number as number), hash: row.hash as Hex }
  }

  function hashAt(number: bigint): Hex | undefined {
    return select.get(number)?.hash as Hex | undefined
  }

  function advance(blocks: readonly Block[], apply: (block: Block, index: number) => void): void {
    transaction(db, () => {
      for (const [index, block] of blocks.entries()) {
        apply(block, index)
        insert.run(block.number, block.hash)
        prune.run(block.number - BigInt(settings.keepBlocks))
      }
    })
  }

  async function begin(head: Block): Promise<FollowerStep> {
    const wanted = settings.firstBlock < 0n ? head.number + settings.firstBlock : settings.firstBlock
    const number = wanted < 0n ? 0n : wanted > head.number ? head.number : wanted
    const block = number === head.number ? head : await source.block(number)
    if (!block) return 'idle'
    const logs = await logsOf(block, await source.logsOfBlock(block.hash))
    advance([block], () => handler.apply(block, logs))
    return number === head.number ? 'arrived' : 'advanced'
  }

  /** Finds the highest block that both we and the node have. */
  async function commonAncestor(from: bigint): Promise<bigint> {
    for (let number = from; ; number--) {
      const mine = hashAt(number)
      if (mine === undefined) throw new DeepReorganisationError(number, settings.keepBlocks)
      if ((await source.block(number))?.hash === mine) return number
    }
  }

  async function rollBack(from: bigint): Promise<FollowerStep> {
    const ancestor = await commonAncestor(from)
    // Our tip is canonical and yet not the parent of the next block: two nodes behind one URL, on two branches.
    if (ancestor === cursor()?.number) throw new InconsistentNodeError(ancestor)
    transaction(db, () => {
      handler.rollback(ancestor)
      db.prepare('DELETE FROM block WHERE number > ?').run(ancestor)
    })
    return 'rolled-back'
  }

  async function catchUp(tip: Cursor, head: Block): Promise<FollowerStep> {
    const stable = head.number - BigInt(settings.keepBlocks)
    const to = tip.number + range < stable ? tip.number + range : stable
    let logs: readonly Log[]
    try {
      logs = await source.logsOfRange(tip.number + 1n, to)
    } catch (error) {
      if (isOutage(error) || range === 1n) throw error
      range /= 2n
      return 'advanced'
    }
    const block = await source.block(to)
    if (!block) return 'idle'
    if (logs.some((log) => log.blockNumber <= tip.number || log.blockNumber > to)) throw new InconsistentNodeError(to)
    advance([block], () => handler.applyRange(to, logs))
    range = range * 2n > BigInt(settings.rangeBlocks) ? BigInt(settings.rangeBlocks) : range * 2n
    return 'advanced'
  }

  async function nextBlocks(tip: Cursor, head: Block): Promise<FollowerStep> {
    const first = tip.number + 1n
    const last = head.number < tip.number + MOST_AT_ONCE ? head.number : tip.number + MOST_AT_ONCE
    const blocks = last === first && last === head.number ? [head] : await source.blocks(first, last)
    if (!blocks[0]) return 'idle'
    if (blocks[0].parentHash !== tip.hash) return rollBack(tip.number)
    // A reorganisation while they were asked for, or two nodes behind one URL: the next step tells which.
    const fork = blocks.findIndex((block, i) => block.parentHash !== (blocks[i - 1] ?? tip).hash)
    const chain = fork < 0 ? blocks : blocks.slice(0, fork)
    const found = await source.logsOfBlocks(chain.map(({ hash }) => hash))
    const logs = await Promise.all(chain.map((block, i) => logsOf(block, found[i] as readonly Log[])))
    advance(chain, (block, i) => handler.apply(block, logs[i] as readonly Log[]))
    return chain.at(-1)?.number === head.number ? 'arrived' : 'advanced'
  }

  /** The block's logs, or an error where the node contradicts its own header. */
  async function logsOf(block: Block, logs: readonly Log[]): Promise<readonly Log[]> {
    const mayHold = mayHoldLogsOf(block.logsBloom, source.address)
    if (logs.some((log) => log.blockHash !== block.hash || log.blockNumber !== block.number))
      throw new InconsistentNodeError(block.number)
    if (logs.length > 0 && !mayHold) throw new InconsistentNodeError(block.number)
    if (logs.length > 0 || !mayHold) return logs
    // The header says "perhaps", the node "none": a false positive of the bloom filter, or logs withheld. Receipts decide,
    // or, where the node gives none, the same question again: it may have been asked before its index was ready.
    try {
      return await source.logsOfReceipts(block.hash)
    } catch (error) {
      if (isOutage(error)) throw error
      return source.logsOfBlock(block.hash)
    }
  }

  return {
    /** One step towards the head. Throws what the node throws; nothing is lost by calling again. */
    async step(): Promise<FollowerStep> {
      const head = await source.head()
      const tip = cursor()
      if (!tip) return begin(head)
      if (head.hash === tip.hash) return 'idle'
      if (head.number <= tip.number) {
        const mine = hashAt(head.number)
        if (mine === undefined) throw new DeepReorganisationError(head.number, settings.keepBlocks)
        // The same chain, seen by a node that lags behind the one asked before: wait for it.
        return mine === head.hash ? 'idle' : rollBack(head.number)
      }
      const isFar = head.number - tip.number > BigInt(settings.keepBlocks)
      if (!isFar) return nextBlocks(tip, head)
      if ((await source.block(tip.number))?.hash !== tip.hash) return rollBack(tip.number)
      return catchUp(tip, head)
    },
    cursor,
  }
}

/** Thrown when no block that we remember is canonical any more. */
export class DeepReorganisationError extends EnigmaError {
  override readonly name = 'Follower.DeepReorganisationError'
  readonly code = 'REORG_TOO_DEEP'
  constructor(number: bigint, keepBlocks: number) {
    super(
      `The node's chain differs from ours at block ${number} and further back than the ${keepBlocks} blocks we keep.`,
      {
        hint: 'The RPC serves another chain than this data directory was made for; correct the URL or use a new directory.',
      },
    )
  }
}

/** Thrown when a node's answers cannot all be true. An outage like any other: ask again later. */
export class InconsistentNodeError extends RpcError {
  constructor(number: bigint) {
    super('RPC_NONSENSE', `The node contradicts itself about block ${number}.`)
  }
}
