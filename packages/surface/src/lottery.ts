/**
 * Which rank we are for a task, computed alone with the protocol's own function.
 *
 * Seed, number of seats and who is live in an epoch are fixed once its seed is posted (joining, leaving and retaking act two
 * epochs later), save that a revoked platform's seat is out at once. So all of it is kept until the epoch is over, or until a
 * revocation or a reorganisation may have changed it.
 */
import { RpcError } from '@enigma/process'
import { type Address, type LotterySeat, NoWorkersError, type Rank, selectRanks, type Task } from '@enigma/protocol'
import type { Chain, EpochFacts } from './chain.ts'

export type Lottery = ReturnType<typeof createLottery>
type Draw = Pick<Task, 'epoch' | 'dApp' | 'lane'>
type Drum = { facts: EpochFacts; seats: Map<number, LotterySeat>; ranks: Map<string, Promise<Rank[]>> }

/** Seats that are loaded ahead, in one round trip; with more, the rest is loaded as it is drawn. */
const LOADED_AHEAD = 512
/** A dApp and lane cost nothing to name, so what is remembered of them is bounded. */
const MOST_RANKS = 10_000

export function createLottery(chain: Pick<Chain, 'epoch' | 'seats'>) {
  const drums = new Map<number, Promise<Drum | undefined>>()

  async function load(epoch: number): Promise<Drum | undefined> {
    const facts = await chain.epoch(epoch)
    if (!facts) return undefined
    const ids = Array.from({ length: Math.min(facts.seatCount, LOADED_AHEAD) }, (_, id) => id)
    const seats = await chain.seats(ids)
    return { facts, seats: new Map(ids.map((id, index) => [id, seats[index] as LotterySeat])), ranks: new Map() }
  }

  async function drum(epoch: number): Promise<Drum | undefined> {
    const known = drums.get(epoch)
    if (known) return known
    const loading = load(epoch)
    drums.set(epoch, loading)
    const forget = () => void (drums.get(epoch) === loading && drums.delete(epoch))
    loading.then((found) => found ?? forget(), forget)
    return loading
  }

  async function draw({ facts, seats }: Drum, { epoch, dApp, lane }: Draw): Promise<Rank[]> {
    const loadSeat = async (id: number) => {
      const known = seats.get(id)
      if (known) return known
      const [seat] = await chain.seats([id])
      seats.set(id, seat as LotterySeat)
      return seat as LotterySeat
    }
    try {
      return await selectRanks({ epoch, ...facts }, dApp, lane, loadSeat)
    } catch (error) {
      if (error instanceof NoWorkersError) return []
      throw error
    }
  }

  return {
    /** Loads an epoch before its first task comes. */
    prepare: async (epoch: number): Promise<void> => void (await drum(epoch)),
    /** Our rank and seat for a task; undefined if others were drawn. Throws while the epoch cannot be read. */
    async rankOf(task: Draw, signer: Address): Promise<{ rank: number; seat: number } | undefined> {
      const found = await drum(task.epoch)
      // A task names an epoch that has its seed: the node that told of the task is ahead of the one that was asked now.
      if (!found) throw new RpcError('RPC_NONSENSE', `The node does not know epoch ${task.epoch} of its own task.`)
      const key = `${task.dApp}:${task.lane}`
      let ranks = found.ranks.get(key)
      if (!ranks) {
        ranks = draw(found, task)
        ranks.catch(() => found.ranks.delete(key))
        if (found.ranks.size >= MOST_RANKS) found.ranks.clear()
        found.ranks.set(key, ranks)
      }
      const drawn = await ranks
      const rank = drawn.findIndex((candidate) => candidate.signer === signer)
      const seat = drawn[rank]?.seat
      return seat === undefined ? undefined : { rank, seat }
    },
    forgetBefore(epoch: number): void {
      for (const known of drums.keys()) if (known < epoch) drums.delete(known)
    },
    /** After a reorganisation, or a revocation. */
    forget: () => drums.clear(),
  }
}
