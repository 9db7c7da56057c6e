/**
 * The lottery of one task, computed here as the contract will compute it: epoch, lane, ranks.
 *
 * All facts are of one block. The seed exists before anybody can ask, so the workers are known before anything is sealed.
 */
import { type Address, EnigmaError, laneOf, RANKS, selectRanks } from '@enigma/protocol'
import type { Block } from './block.ts'
import { EpochPausedError, FallbackEpochError } from './closed-epoch.ts'
import { contractRevert, type EnigmaContract, type EpochFacts, type SeatFacts, type Terms } from './enigma-contract.ts'

export type Lottery = { block: Block; epoch: EpochFacts; dApp: Address; lanes: number }

export type Draw = {
  requester: Address
  slot: number
  /** Number of the task in its slot; the envelope opens for no other. */
  seq: bigint
  dApp: Address
  epoch: number
  lane: number
  block: Block
  /** In order of their turns: entry r is rank r. */
  ranks: readonly (SeatFacts & { seat: number })[]
}

/**
 * A request is mined a block or more after it is prepared. So near to the end of an epoch's grace it would come too late.
 */
const SPARE_BLOCKS = 2n

/** Throws where a task of this epoch is not taken, or not wanted: before anything is sealed for it. */
export function requireOpen({ epoch }: Pick<Lottery, 'epoch'>, refusesFallback: boolean): void {
  if (epoch.isPaused) throw new EpochPausedError(epoch.number)
  if (epoch.isFallback && refusesFallback) throw new FallbackEpochError(epoch.number)
}

/** The newest epoch that a task may name now: the current one or, until its seed is posted, the one before. */
export async function readLottery(
  contract: EnigmaContract,
  terms: Terms,
  block: Block,
  dApp: Address,
): Promise<Lottery> {
  const current = Number((block.number - terms.genesisBlock) / BigInt(terms.epochBlocks))
  const found = await lotteryOf(contract, current, block, dApp)
  if (found) return found
  const closes = terms.genesisBlock + BigInt(current * terms.epochBlocks + terms.graceBlocks)
  const before =
    current > 0 && block.number + SPARE_BLOCKS < closes
      ? await lotteryOf(contract, current - 1, block, dApp)
      : undefined
  if (!before) throw new SeedNotPostedError(current)
  return before
}

/** The lottery of `epoch`; undefined while its seed is not posted. */
async function lotteryOf(
  contract: EnigmaContract,
  epoch: number,
  block: Block,
  dApp: Address,
): Promise<Lottery | undefined> {
  try {
    const [facts, lanes] = await Promise.all([
      contract.epoch(epoch, block.number),
      contract.lanes(dApp, epoch, block.number),
    ])
    return { block, epoch: facts, dApp, lanes }
  } catch (error) {
    if (contractRevert(error)?.name === 'SeedNotPosted') return
    throw error
  }
}

export type Seat = { requester: Address; slot: number; seq: bigint }

/** The lane of this task: the requester cannot choose it. */
export function laneFor(lottery: Lottery, { requester, slot, seq }: Seat): number {
  return laneOf({ requester, slot, seq, lanes: lottery.lanes })
}

/** Draws the ranks of this task. */
export async function draw(contract: EnigmaContract, lottery: Lottery, owner: Seat): Promise<Draw> {
  const { epoch, dApp, block } = lottery
  const lane = laneFor(lottery, owner)
  const seats = new Map<number, SeatFacts>()
  const loadSeat = async (id: number) => {
    const facts = await contract.seat(id, block.number)
    seats.set(id, facts)
    return facts
  }
  const selected = await selectRanks({ ...epoch, epoch: epoch.number }, dApp, lane, loadSeat, RANKS)
  const ranks = selected.map(({ seat }) => ({ seat, ...(seats.get(seat) as SeatFacts) }))
  return { ...owner, dApp, epoch: epoch.number, lane, block, ranks }
}

/** The lottery of this epoch cannot be drawn yet. */
export class SeedNotPostedError extends EnigmaError {
  override readonly name = 'SeedNotPostedError'
  readonly code = 'SEED_NOT_POSTED'
  readonly epoch: number
  constructor(epoch: number) {
    super(`The seed of epoch ${epoch} is not posted yet.`, {
      hint: 'Try again in a few blocks. If it stays so, the Principal is down; anyone may post the seed it publishes.',
    })
    this.epoch = epoch
  }
}
