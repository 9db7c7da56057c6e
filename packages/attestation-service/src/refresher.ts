/** Looks after the cache in the background, so that no caller has to wait for the source. */
import { type Clock, codeOf, type Logger } from '@enigma/process'
import type { CollateralCache } from './collateral-cache.ts'

const EVERY_MS = 30_000

export function startRefresher(cache: Pick<CollateralCache, 'refreshDue'>, clock: Clock, log: Logger) {
  const stopping = new AbortController()
  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await cache.refreshDue()
      await clock.sleep(EVERY_MS, stopping.signal)
    }
  }
  const finished = run()
  finished.catch((error: unknown) => log.error('refresher-ended', { code: codeOf(error) }))
  return {
    /** Rejects when it cannot go on. */
    finished,
    async stop(): Promise<void> {
      stopping.abort()
      await finished.catch(() => {})
    },
  }
}
