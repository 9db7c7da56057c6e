/**
 * Finds a slot and the workers that will serve it, all of them verified here, before anything is sealed or paid.
 *
 * A rank that fails is left out. If that is rank 0, a slot of another lane may have a better one; if no lane has, the
 * ranks that remain serve after their windows; if none remains, nothing is sent.
 */
import { type Address, EnigmaError } from '@enigma/protocol'
import { latestBlock, requireFreshHead } from './block.ts'
import type { Clock, Deadline } from './clock.ts'
import { type Draw, draw, laneFor, readLottery, requireOpen } from './draw.ts'
import type { Terms } from './enigma-contract.ts'
import type { Report } from './progress.ts'
import type { HeldSlot, SlotBook } from './slots.ts'
import type { RejectedWorker, VerifiedWorker } from './verified-worker.ts'
import { type Verification, verifyWorker } from './verify-worker.ts'

/** Lanes to look at before taking what there is, and slots to try for them. */
const MAX_LANES = 4
const MAX_SLOTS = 32

export type Search = {
  verification: Verification
  terms: Terms
  slots: SlotBook
  clock: Clock
  maxClockSkewSeconds: number
  refuseFallbackEpochs: boolean
}

export type Wanted = { dApp: Address; requester: Address; slot?: number | undefined }

/** A slot that is ours until released, and whom its task may be sealed to. */
export type Prepared = { slot: HeldSlot; workers: VerifiedWorker[] }

export async function prepareWorkers(
  search: Search,
  { dApp, requester, slot: only }: Wanted,
  report: Report,
  deadline: Deadline,
): Promise<Prepared> {
  const { reader, contract } = search.verification
  const block = await deadline.race(latestBlock(reader))
  requireFreshHead(block, search.clock, search.maxClockSkewSeconds)
  const lottery = await deadline.race(readLottery(contract, search.terms, block, dApp))
  requireOpen(lottery, search.refuseFallbackEpochs)

  const held: HeldSlot[] = []
  const lanesSeen = new Set<number>()
  const rejected: RejectedWorker[] = []
  let chosen: Prepared | undefined
  try {
    const lanes = only === undefined ? Math.min(lottery.lanes, MAX_LANES) : 1
    while (lanesSeen.size < lanes && held.length < MAX_SLOTS) {
      deadline.check()
      const slot = await holdInTime(search.slots.hold(requester, { only, epoch: lottery.epoch.number }), deadline)
      held.push(slot)
      const lane = laneFor(lottery, slot)
      if (lanesSeen.has(lane)) continue
      lanesSeen.add(lane)
      report({ type: 'verifying', dApp, epoch: lottery.epoch.number, lane, slot: slot.slot })
      const drawn = await deadline.race(draw(contract, lottery, { requester, slot: slot.slot, seq: slot.seq }))
      const found = await verifyRanks(drawn, search.verification, deadline)
      for (const worker of found.rejected) report({ type: 'rejected', worker })
      rejected.push(...found.rejected)
      const [first] = found.workers
      if (first?.rank === 0) {
        chosen = { slot, workers: found.workers }
        break
      }
      if (first) chosen ??= { slot, workers: found.workers }
    }
  } finally {
    for (const slot of held) if (slot !== chosen?.slot) slot.release()
  }
  if (!chosen) throw new NoVerifiedWorkerError(dApp, rejected)
  for (const worker of chosen.workers) report({ type: 'verified', worker })
  return chosen
}

/** A slot that comes too late is let go when it comes. */
async function holdInTime(holding: Promise<HeldSlot>, deadline: Deadline): Promise<HeldSlot> {
  try {
    return await deadline.race(holding)
  } catch (error) {
    void holding.then(
      (late) => late.release(),
      () => undefined,
    )
    throw error
  }
}

async function verifyRanks(
  drawn: Draw,
  verification: Verification,
  deadline: Deadline,
): Promise<{ workers: VerifiedWorker[]; rejected: RejectedWorker[] }> {
  const workers: VerifiedWorker[] = []
  const rejected: RejectedWorker[] = []
  const outcomes = await deadline.race(
    Promise.allSettled(drawn.ranks.map((_, rank) => verifyWorker(drawn, rank, verification))),
  )
  for (const [rank, outcome] of outcomes.entries()) {
    const drawnSeat = drawn.ranks[rank]
    if (outcome.status === 'fulfilled') {
      const worker = outcome.value
      const error = misfit(worker, workers)
      if (!error) workers.push(worker)
      else rejected.push({ rank, seat: worker.seat, signer: worker.signer, error })
    } else if (!(outcome.reason instanceof EnigmaError)) {
      // The RPC failed, not the worker.
      throw outcome.reason
    } else if (drawnSeat) {
      rejected.push({ rank, seat: drawnSeat.seat, signer: drawnSeat.signer, error: outcome.reason })
    }
  }
  return { workers, rejected }
}

/** Why the worker cannot be sealed to together with those before it. */
function misfit({ inputKey, networkHash }: VerifiedWorker, before: readonly VerifiedWorker[]): EnigmaError | undefined {
  const twin = before.find((worker) => worker.inputKey === inputKey)
  if (twin) return new SharedKeyError(twin.rank)
  const [first] = before
  if (first && first.networkHash !== networkHash) return new OtherObserversError(first.rank)
  return undefined
}

/** Not one of the selected enclaves could be verified, so there is nobody to seal to. */
export class NoVerifiedWorkerError extends EnigmaError {
  override readonly name = 'NoVerifiedWorkerError'
  readonly code = 'NO_VERIFIED_WORKER'
  /** Each selected worker with the reason against it. */
  readonly rejected: readonly RejectedWorker[]
  constructor(dApp: Address, rejected: readonly RejectedWorker[]) {
    const reasons = rejected.map(({ rank, error }) => `rank ${rank}: ${error.code}`).join(', ')
    super(`None of the workers selected for ${dApp} could be verified (${reasons}). Nothing was sent.`, {
      hint: 'Look at `rejected` for each reason. The next epoch draws other workers.',
    })
    this.rejected = rejected
  }
}

/** An envelope with one key twice is one that no worker accepts. */
export class SharedKeyError extends EnigmaError {
  override readonly name = 'SharedKeyError'
  readonly code = 'SHARED_KEY'
  constructor(rank: number) {
    super(`This worker has the same input key as rank ${rank}.`, {
      hint: 'Keys are born inside enclaves and never shared: its operator runs something else than Core. Tell others.',
    })
  }
}

/** Inputs are sealed for one network; a change of observers takes place between two epochs, never within one. */
export class OtherObserversError extends EnigmaError {
  override readonly name = 'OtherObserversError'
  readonly code = 'OTHER_OBSERVERS'
  constructor(rank: number) {
    super(`This worker's enclave believes other observers than that of rank ${rank}.`, {
      hint: 'The contract draws no such epoch: the RPC answers out of two states, or lies. Try again, or use another RPC.',
    })
  }
}
