/**
 * Starts an epoch whose seed did not come until the cut, with the fallback that the contract then takes from anyone.
 *
 * The workers take turns, so that one transaction is paid for, and one worker that is away costs the others two blocks.
 */
import type { Block, Logger, Sender } from '@enigma/process'
import { type Chain, calls, type NetworkFacts } from './chain.ts'
import { createTurns } from './key-turns.ts'
import type { SeatKeeper } from './seat-keeper.ts'

type Parts = {
  chain: Pick<Chain, 'enigma' | 'epoch' | 'seatCount' | 'seats'>
  facts: Pick<NetworkFacts, 'genesisBlock' | 'epochBlocks' | 'cutBlocks'>
  seats: Pick<SeatKeeper, 'held' | 'epochAt'>
  sender: Pick<Sender, 'submit' | 'find' | 'drop'>
  log: Logger
}
export type FallbackPoster = ReturnType<typeof createFallbackPoster>

/** 50k measured in Enigma, and 21k for the transaction. Not estimated: a node would do that in the state of the cut, in which the contract still refuses. */
const GAS = 150_000n
/** Between the turns of two workers, so that the first one's transaction is seen before the next one acts. */
const TURN_BLOCKS = 2n
/** Transactions spent on one epoch, should they fail. */
const MOST_ATTEMPTS = 3

export function createFallbackPoster({ chain, facts, seats, sender, log }: Parts) {
  const turns = createTurns(chain)
  let startedEpoch = -1

  const boundaryOf = (epoch: number) => facts.genesisBlock + BigInt(epoch) * BigInt(facts.epochBlocks)
  const topicsOf = (epoch: number) =>
    Array.from({ length: MOST_ATTEMPTS }, (_, attempt) => `fallback:${epoch}:${attempt}`)

  /** Calls back what waits for an epoch that needs it no more: it would revert, and cost gas. */
  function drop(epoch: number): void {
    for (const topic of topicsOf(epoch)) if (sender.find(topic)?.state === 'pending') sender.drop(topic)
  }

  async function post(epoch: number, head: Block): Promise<void> {
    const transactions = topicsOf(epoch).map((topic) => ({ topic, sent: sender.find(topic) }))
    const next = transactions.find(({ sent }) => !sent)
    if (!next || transactions.some(({ sent }) => sent?.state === 'pending')) return
    const data = calls.postFallbackSeed(epoch)
    await sender.submit({ topic: next.topic, to: chain.enigma, data, valueWei: 0n, gas: GAS }, head)
    log.warn('fallback-sent', { epoch, block: head.number })
  }

  /** Does what is due at this head. A seat that is live in the epoch is among its lottery's, which so can start. */
  return async (head: Block): Promise<void> => {
    const epoch = seats.epochAt(head.number)
    const cut = boundaryOf(epoch) + BigInt(facts.cutBlocks)
    if (epoch > 0 && head.number < cut) drop(epoch - 1)
    const seat = seats.held()
    const isLive = seat && seat.activeEpoch <= epoch && epoch < seat.exitEpoch && !seat.ended
    // Mined in the block after this one, it must come after the cut, and still within the epoch.
    if (!isLive || startedEpoch === epoch || head.number < cut || head.number + 1n >= boundaryOf(epoch + 1)) return
    if (await chain.epoch(epoch)) {
      startedEpoch = epoch
      drop(epoch)
      return
    }
    // Each epoch begins with another seat: what it costs falls on all.
    const position = await turns({ epoch, seat: seat.id }, epoch % Math.max(1, await chain.seatCount()))
    if (head.number >= cut + TURN_BLOCKS * BigInt(position)) await post(epoch, head)
  }
}
