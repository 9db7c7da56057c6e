/**
 * Whose turn it is to do what one of all workers has to do: how many live seats come before ours, counted from a seat that
 * the thing itself names. Each worker reckons alone, so that one that is away costs the others two blocks.
 */
import type { Chain } from './chain.ts'

/** Seats that are looked at. */
const MOST_SEATS = 1_024
/** Nobody waits longer: whoever would comes with the last. */
export const MOST_TURNS = 32

export type Turns = ReturnType<typeof createTurns>

export function createTurns(chain: Pick<Chain, 'seatCount' | 'seats'>) {
  let known: { epoch: number; live: Promise<number[]> } | undefined

  async function load(epoch: number): Promise<number[]> {
    const ids = Array.from({ length: Math.min(await chain.seatCount(), MOST_SEATS) }, (_, id) => id)
    const seats = await chain.seats(ids)
    return ids.filter((id) => {
      const seat = seats[id]
      return seat !== undefined && seat.activeEpoch <= epoch && epoch < seat.exitEpoch
    })
  }

  /** Who is live changes with the epoch; who ends at once meanwhile costs a turn. */
  function liveIn(epoch: number): Promise<number[]> {
    if (known?.epoch === epoch) return known.live
    const loading = { epoch, live: load(epoch) }
    known = loading
    loading.live.catch(() => {
      if (known === loading) known = undefined
    })
    return loading.live
  }

  /** How many come before the seat `own`, where `first` or the next one behind it begins. */
  return async ({ epoch, seat: own }: { epoch: number; seat: number }, first: number): Promise<number> => {
    const live = await liveIn(epoch)
    const order = [...live.filter((id) => id >= first), ...live.filter((id) => id < first)]
    const position = order.indexOf(own)
    return position < 0 ? MOST_TURNS : Math.min(position, MOST_TURNS)
  }
}
