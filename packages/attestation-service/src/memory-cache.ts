/** The cache without a service around it: for a command that needs documents once. */
import type { TrustRoot } from '@enigma/attestation'
import { type Clock, type Logger, openDatabase, systemClock } from '@enigma/process'
import { type CollateralCache, createCollateralCache } from './collateral-cache.ts'
import { DOCUMENTS_SCHEMA, openDocuments } from './document-store.ts'
import { createUpstream } from './upstream.ts'

type Source = { readonly url: string; readonly trustRoot: TrustRoot; readonly signal: AbortSignal }

export function createMemoryCache(
  { url, trustRoot, signal }: Source,
  { clock = systemClock, log }: { clock?: Clock; log: Logger },
): CollateralCache {
  const random = Math.random
  return createCollateralCache({
    fetchDocument: createUpstream({ url, fetch: globalThis.fetch, clock, random, signal }),
    store: openDocuments(openDatabase(':memory:', [DOCUMENTS_SCHEMA])),
    ...{ trustRoot, clock, random, log },
    refreshSeconds: 86_400,
  })
}
