/**
 * A clock that only a test moves.
 */
import type { Clock } from '../clock.ts'

export type ManualClock = Clock & {
  /** Lets `ms` pass: wakes, in order, all that sleep until then. */
  advance(ms: number): Promise<void>
  /** How many wait for this clock now. */
  sleeping(): number
}

export function createManualClock(startMs = Date.UTC(2026, 0, 1)): ManualClock {
  let nowMs = startMs
  let sleepers: { atMs: number; wake: () => void }[] = []
  return {
    nowMs: () => nowMs,
    sleeping: () => sleepers.length,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve()
        const sleeper = { atMs: nowMs + ms, wake: resolve }
        sleepers.push(sleeper)
        const leave = () => {
          sleepers = sleepers.filter((other) => other !== sleeper)
          resolve()
        }
        signal?.addEventListener('abort', leave, { once: true })
      }),
    async advance(ms) {
      const untilMs = nowMs + ms
      for (;;) {
        const [next] = sleepers.toSorted((a, b) => a.atMs - b.atMs)
        if (!next || next.atMs > untilMs) break
        nowMs = next.atMs
        sleepers = sleepers.filter((other) => other !== next)
        next.wake()
        await new Promise((resolve) => setImmediate(resolve))
      }
      nowMs = untilMs
    },
  }
}
