/**
 * Gives each epoch its seed: draws it as soon as the boundary block exists, publishes it, and posts it unless somebody else did.
 *
 * The lottery of an epoch opens with this transaction, so it is sent to land in the first block after the boundary.
 */
import type { Block, Logger, Sender } from '@enigma/process'
import { bytesToHex, type Hex, hexToBytes } from '@enigma/protocol'
import type { Chain, EpochGrid } from './chain.ts'
import type { Header } from './header.ts'
import type { SeedRecord, SeedStore } from './seeds.ts'
import type { SeedSource } from './source.ts'

type Parts = {
  chain: Pick<Chain, 'enigma' | 'header' | 'isStarted' | 'seatCountAt' | 'postSeed'>
  grid: EpochGrid
  source: SeedSource
  seeds: SeedStore
  sender: Pick<Sender, 'submit' | 'find' | 'rollback'>
  log: Logger
}

/** 180k measured with a signature, 196k with a header, most of it the pairing (EIP-2537). */
const POST_GAS = 400_000n
/** Transactions spent on one epoch, should they fail. */
const MOST_ATTEMPTS = 3

export function createPoster({ chain, grid, source, seeds, sender, log }: Parts) {
  let emptyEpoch = -1
  let startedEpoch = -1

  const epochAt = (block: bigint) => Number((block - grid.genesisBlock) / BigInt(grid.epochBlocks))
  const boundaryOf = (epoch: number) => grid.genesisBlock + BigInt(epoch) * BigInt(grid.epochBlocks)

  /** Undefined while the source has no seed. */
  async function draw(epoch: number, header: Header): Promise<SeedRecord | undefined> {
    const known = seeds.find(epoch)
    if (known?.anchor === header.hash) return known
    const drawn = await source.draw(epoch, header)
    if (!drawn) return undefined
    const { signature, seed } = drawn
    const record = { epoch, anchor: header.hash, signature: bytesToHex(signature), seed: toHex22(seed) }
    seeds.put(record)
    log.info('seed-drawn', { epoch, blockHash: header.hash })
    return record
  }

  /** The last transaction for this seed, and the topic of the next. */
  function attempts({ epoch, anchor }: SeedRecord) {
    const topics = Array.from({ length: MOST_ATTEMPTS }, (_, attempt) => `seed:${epoch}:${anchor}:${attempt}`)
    const next = topics.find((topic) => !sender.find(topic))
    const last = topics.map((topic) => sender.find(topic)).findLast((transaction) => transaction !== undefined)
    return { next, last }
  }

  async function post(record: SeedRecord, boundary: Header, head: Block): Promise<void> {
    const { next, last } = attempts(record)
    if (last?.state === 'pending') return
    // Mined, and yet the epoch has no seed: that block is gone. Broadcast it again.
    if (last?.state === 'mined') sender.rollback(boundaryOf(record.epoch))
    else if (next) {
      const data = chain.postSeed(record.epoch, source.proofOf(hexToBytes(record.signature), boundary))
      const sent = await sender.submit({ topic: next, to: chain.enigma, data, valueWei: 0n, gas: POST_GAS }, head)
      log.info('seed-sent', { epoch: record.epoch, nonce: sent.nonce, block: head.number })
    }
  }

  return {
    epochAt,
    /** Does what the newest block asks for; to be called at each. `waiting`: and again before the next. */
    async tick(head: Block): Promise<'done' | 'waiting'> {
      if (head.number < grid.genesisBlock) return 'done'
      const epoch = epochAt(head.number)
      const boundary = await chain.header(boundaryOf(epoch))
      if (!boundary) return 'done'
      const record = await draw(epoch, boundary)
      if (!record) return 'waiting'
      if (await chain.isStarted(epoch)) {
        if (startedEpoch !== epoch) log.info('epoch-started', { epoch })
        startedEpoch = epoch
        return 'done'
      }
      // The contract starts no lottery without seats, and counts them at the boundary.
      if (emptyEpoch === epoch) return 'done'
      if ((await chain.seatCountAt(boundary.number)) === 0n) {
        emptyEpoch = epoch
        log.info('epoch-without-seats', { epoch })
        return 'done'
      }
      await post(record, boundary, head)
      return 'done'
    },
  }
}

/** 176 bits. */
const toHex22 = (seed: bigint): Hex => `0x${seed.toString(16).padStart(44, '0')}`
