/** Whether somebody should look after this service: what is to be held, and how long it still holds. */
import type { CollateralCache } from './collateral-cache.ts'

export type Readiness = {
  readonly ready: boolean
  /** Unix seconds; null: the source never answered. */
  readonly lastFetchedAt: number | null
  readonly documents: readonly {
    readonly document: string
    readonly state: 'good' | 'ending' | 'stale' | 'missing'
    readonly secondsLeft: number | null
  }[]
}

/** `alertSeconds`: from when on a document counts as ending. */
export function readinessOf(
  { status, lastFetchedAt }: Pick<CollateralCache, 'status' | 'lastFetchedAt'>,
  now: number,
  alertSeconds: number,
): Readiness {
  const documents = status()
    // What strangers asked for ends when Intel ends it: they must not turn this red.
    .filter(({ isStanding }) => isStanding)
    .map(({ label, validUntil }) => {
      if (validUntil === undefined) return { document: label, state: 'missing' as const, secondsLeft: null }
      const secondsLeft = validUntil - now
      const state = secondsLeft < 0 ? 'stale' : secondsLeft < alertSeconds ? 'ending' : 'good'
      return { document: label, state: state as 'stale' | 'ending' | 'good', secondsLeft }
    })
  const fetchedAt = lastFetchedAt() ?? null
  return {
    ready: fetchedAt !== null && documents.every(({ state }) => state === 'good'),
    lastFetchedAt: fetchedAt,
    documents,
  }
}
