/** What the service answers, path by path. */
import type { Clock } from '@enigma/process'
import { type AttestParts, createAttest } from './attest.ts'
import { fetchBundle } from './bundle.ts'
import type { CollateralCache } from './collateral-cache.ts'
import type { Reply, Request, Routes } from './http.ts'
import type { Metrics } from './metrics.ts'
import { caOf, createPcsRoutes, fmspcOf, malformed } from './pcs-routes.ts'
import { readinessOf } from './readiness.ts'

export type RouteParts = Omit<AttestParts, 'cache'> & {
  readonly cache: CollateralCache
  readonly metrics: Metrics
  /** From when on a document counts as ending. */
  readonly alertSeconds: number
}

const JSON_TYPE = { 'content-type': 'application/json' }
/** How long a browser may keep a bundle without asking again. */
const MAX_AGE_SECONDS = 3600

export function createRoutes(parts: RouteParts): Routes {
  const { cache, metrics, clock, alertSeconds, tokenKey } = parts
  const attest = createAttest({ ...parts, onVerdict: metrics.verdict })
  return new Map([
    ...createPcsRoutes(cache),
    ['/v1/collateral', { name: 'collateral', method: 'GET', handle: (request) => serveBundle(request, cache, clock) }],
    ['/v1/attestations', { name: 'attestations', method: 'POST', handle: attest }],
    [
      '/.well-known/jwks.json',
      {
        name: 'jwks',
        method: 'GET',
        handle: () => ({ headers: JSON_TYPE, body: JSON.stringify({ keys: [tokenKey.jwk] }) }),
      },
    ],
    [
      '/healthz',
      {
        name: 'healthz',
        method: 'GET',
        isProbe: true,
        handle: () => ({ headers: JSON_TYPE, body: '{"status":"ok"}' }),
      },
    ],
    [
      '/readyz',
      {
        name: 'readyz',
        method: 'GET',
        isProbe: true,
        handle() {
          const readiness = readinessOf(cache, Math.floor(clock.nowMs() / 1000), alertSeconds)
          return { status: readiness.ready ? 200 : 503, headers: JSON_TYPE, body: JSON.stringify(readiness) }
        },
      },
    ],
    [
      '/metrics',
      {
        name: 'metrics',
        method: 'GET',
        isProbe: true,
        handle: async () => ({ headers: { 'content-type': metrics.contentType }, body: await metrics.text() }),
      },
    ],
  ])
}

/** Everything that a quote is verified with, in one answer that a browser may read. */
async function serveBundle({ query, header }: Request, cache: CollateralCache, clock: Clock): Promise<Reply> {
  const tee = query.get('tee')?.toLowerCase() ?? 'sgx'
  if (tee !== 'sgx' && tee !== 'tdx') throw malformed('tee is sgx or tdx.')
  const ca = query.has('ca') ? caOf(query) : 'platform'
  const { collateral, hash, validUntil } = await fetchBundle(cache, { tee, fmspc: fmspcOf(query), ca })
  const etag = `"${hash.slice(2)}"`
  const maxAge = Math.max(0, Math.min(MAX_AGE_SECONDS, Math.floor(validUntil - clock.nowMs() / 1000)))
  const headers = { ...JSON_TYPE, etag, 'cache-control': `public, max-age=${maxAge}` }
  if (matches(header('if-none-match'), etag)) return { status: 304, headers }
  return { headers, body: JSON.stringify(collateral) }
}

/** A list of tags, weak ones among them where a proxy has compressed (RFC 9110 §13.1.2). */
function matches(given: string | undefined, etag: string): boolean {
  return (given ?? '').split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag)
}
