/**
 * Keeps what has just failed from being tried again at every look at the chain.
 */
import { backoffMs, type Clock } from '@enigma/process'

/** Failures remembered. */
const MOST_KEPT = 1_000

/** From `firstMs` after the first failure to `mostMs`; of errors that `holds` says no to, nothing is remembered. */
export function createHoldOff(clock: Clock, { firstMs, mostMs, holds = () => true }: Terms) {
  const failed = new Map<string, { error: unknown; count: number; untilMs: number }>()

  const isHeld = (key: string): boolean => clock.nowMs() < (failed.get(key)?.untilMs ?? 0)

  /** Runs `attempt`, or throws what it threw last time while that is too fresh. */
  async function holdOff<T>(key: string, attempt: () => Promise<T>): Promise<T> {
    const last = failed.get(key)
    if (last && isHeld(key)) throw last.error
    try {
      const result = await attempt()
      failed.delete(key)
      return result
    } catch (error) {
      failed.delete(key)
      if (!holds(error)) throw error
      const count = (last?.count ?? 0) + 1
      failed.set(key, { error, count, untilMs: clock.nowMs() + backoffMs(count, firstMs, mostMs) })
      const [oldest] = failed.keys()
      if (failed.size > MOST_KEPT && oldest !== undefined) failed.delete(oldest)
      throw error
    }
  }
  /** What made them fail is over: the next look tries all of them. */
  const release = () => failed.clear()
  return Object.assign(holdOff, { isHeld, release })
}

type Terms = { firstMs: number; mostMs: number; holds?: (error: unknown) => boolean }
