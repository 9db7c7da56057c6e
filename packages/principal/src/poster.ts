/**
 * Gives each epoch its seed: draws it as soon as the boundary block exists, publishes it, and posts it unless somebody else did.
 *
 * The lottery of an epoch opens with this transaction, so it is sent to land in the first block after the boundary. After the cut
 * the contract takes it no more: then the epoch starts with a fallback, which workers post, and this one where none of them does.
 */
import type { Block, Logger, Sender } from '@enigma/process'
import { bytesToHex, type Hex, hexToBytes } from '@enigma/protocol'
import type { Chain, EpochGrid } from './chain.ts'
import type { Header } from './header.ts'
import type { SeedRecord, SeedStore } from './seeds.ts'
import type { SeedSource } from './source.ts'

type Parts = {
  chain: Pick<Chain, 'enigma' | 'header' | 'startedEpoch' | 'seatCountAt' | 'postSeed' | 'postFallbackSeed'>
  grid: EpochGrid
  source: SeedSource
  seeds: SeedStore
  sender: Pick<Sender, 'submit' | 'find' | 'rollback' | 'drop'>
  log: Logger
}

/** 180k measured with a signature, 196k with a header, most of it the pairing (EIP-2537). */
const POST_GAS = 400_000n
/** 50k measured in Enigma, and 21k for the transaction. */
const POST_FALLBACK_GAS = 150_000n
/** Transactions spent on one epoch, should they fail. */
const MOST_ATTEMPTS = 3
/** Behind the cut, for the first two workers whose turn it is: a Principal that was silent comes last. */
const FALLBACK_WAIT_BLOCKS = 4n

export function createPoster({ chain, grid, source, seeds, sender, log }: Parts) {
  let emptyEpoch = -1
  let startedEpoch = -1
  let missedEpoch = -1

  const epochAt = (block: bigint) => Number((block - grid.genesisBlock) / BigInt(grid.epochBlocks))
  const boundaryOf = (epoch: number) => grid.genesisBlock + BigInt(epoch) * BigInt(grid.epochBlocks)
  const cutOf = (epoch: number) => boundaryOf(epoch) + BigInt(grid.cutBlocks)

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

  const topicsOf = (what: string) => Array.from({ length: MOST_ATTEMPTS }, (_, attempt) => `${what}:${attempt}`)

  /** The last transaction for this, and the topic of the next. */
  function attempts(what: string) {
    const topics = topicsOf(what)
    const next = topics.find((topic) => !sender.find(topic))
    const last = topics.map((topic) => sender.find(topic)).findLast((transaction) => transaction !== undefined)
    return { next, last }
  }

  async function post(record: SeedRecord, boundary: Header, head: Block): Promise<void> {
    const { next, last } = attempts(seedTopic(record))
    if (last?.state === 'pending') return
    // Mined, and yet the epoch has no seed: that block is gone. Broadcast it again.
    if (last?.state === 'mined') sender.rollback(boundaryOf(record.epoch))
    else if (next) {
      const data = chain.postSeed(record.epoch, source.proofOf(hexToBytes(record.signature), boundary))
      const sent = await sender.submit({ topic: next, to: chain.enigma, data, valueWei: 0n, gas: POST_GAS }, head)
      log.info('seed-sent', { epoch: record.epoch, nonce: sent.nonce, block: head.number })
    }
  }

  /** The contract takes no seed in the block after this one: what still waits would only revert. */
  function miss(epoch: number, head: Block): void {
    const record = seeds.find(epoch)
    for (const topic of record ? topicsOf(seedTopic(record)) : []) {
      if (sender.find(topic)?.state === 'pending') sender.drop(topic)
    }
    if (missedEpoch !== epoch) log.warn('seed-missed', { epoch, block: head.number })
    missedEpoch = epoch
  }

  async function postFallback(epoch: number, head: Block): Promise<void> {
    // Mined one block later, it must still be within the epoch.
    const lastUseful = boundaryOf(epoch + 1) - 2n
    const due = cutOf(epoch) + FALLBACK_WAIT_BLOCKS
    if (head.number > lastUseful || head.number < (due < lastUseful ? due : lastUseful)) return
    const { next, last } = attempts(`fallback:${epoch}`)
    if (last?.state === 'pending' || !next) return
    const data = chain.postFallbackSeed(epoch)
    const sent = await sender.submit(
      { topic: next, to: chain.enigma, data, valueWei: 0n, gas: POST_FALLBACK_GAS },
      head,
    )
    log.info('fallback-sent', { epoch, nonce: sent.nonce, block: head.number })
  }

  /** The contract starts no lottery without seats, and counts them at the boundary. */
  async function hasSeats(epoch: number): Promise<boolean> {
    if (emptyEpoch === epoch) return false
    if ((await chain.seatCountAt(boundaryOf(epoch))) !== 0n) return true
    emptyEpoch = epoch
    log.info('epoch-without-seats', { epoch })
    return false
  }

  function noteStarted(epoch: number, isFallback: boolean): void {
    if (startedEpoch !== epoch) log.info(isFallback ? 'epoch-started-with-fallback' : 'epoch-started', { epoch })
    startedEpoch = epoch
  }

  return {
    epochAt,
    /** Does what the newest block asks for; to be called at each. `waiting`: and again before the next. */
    async tick(head: Block): Promise<'done' | 'waiting'> {
      if (head.number < grid.genesisBlock) return 'done'
      const epoch = epochAt(head.number)
      const started = await chain.startedEpoch(epoch)
      // A seed that is drawn and published after the cut would be nobody's.
      if (started?.isFallback) {
        miss(epoch, head)
        noteStarted(epoch, true)
        return 'done'
      }
      if (!started && head.number >= cutOf(epoch)) {
        if (!(await hasSeats(epoch))) return 'done'
        miss(epoch, head)
        await postFallback(epoch, head)
        return 'done'
      }
      const boundary = await chain.header(boundaryOf(epoch))
      if (!boundary) return 'done'
      const record = await draw(epoch, boundary)
      if (!record) return 'waiting'
      if (started) noteStarted(epoch, false)
      else if (await hasSeats(epoch)) await post(record, boundary, head)
      return 'done'
    },
  }
}

const seedTopic = ({ epoch, anchor }: SeedRecord) => `seed:${epoch}:${anchor}`

/** 176 bits. */
const toHex22 = (seed: bigint): Hex => `0x${seed.toString(16).padStart(44, '0')}`
