/**
 * Time, as a part that is handed in: daemons wait on it, tests wind it by hand.
 */

export type Clock = {
  nowMs(): number
  /** Resolves after `ms`, or at once when `signal` fires; a loop then looks at its signal. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal?.addEventListener('abort', done, { once: true })
    }),
}

/** How long to wait after the n-th failure in a row (n from 1): doubles from `firstMs`, up to `mostMs`. */
export function backoffMs(failures: number, firstMs = 250, mostMs = 10_000): number {
  return Math.min(mostMs, firstMs * 2 ** Math.min(Math.max(0, failures - 1), 20))
}
