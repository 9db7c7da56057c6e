/** What the service answers, path by path. */
import { type Hex, hexToBytes, keccak256 } from '@enigma/protocol'
import * as v from 'valibot'
import { platformOf } from '../pck.ts'
import { defaultPolicy } from '../policy.ts'
import type { TrustRoot } from '../trust-roots.ts'
import { verdictToJson } from '../verdict.ts'
import { verifyQuote } from '../verify.ts'
import { fetchBundle, type PlatformKind } from './bundle.ts'
import type { CollateralCache } from './collateral-cache.ts'
import { chainHeaders, type DocumentName, wrapJson } from './document.ts'
import { type EvidenceDomain, signEvidence } from './evidence.ts'
import type { Reply, Request, Routes } from './http.ts'
import type { Log } from './log.ts'
import { ProblemError } from './problem.ts'

export type RouteParts = {
  readonly cache: CollateralCache
  readonly trustRoot: TrustRoot
  readonly domain: EvidenceDomain
  readonly attesterKey: Uint8Array
  /** Unix seconds. */
  readonly now: () => number
  readonly log: Log
}

const JSON_TYPE = { 'content-type': 'application/json' }
/** How long a browser may keep a bundle without asking again. */
const MAX_AGE_SECONDS = 3600

export function createRoutes(parts: RouteParts): Routes {
  const pcsRoute = (path: string, nameOf: (query: URLSearchParams) => DocumentName) =>
    [`GET ${path}`, ({ query }: Request) => serveDocument(nameOf(query), query, parts)] as const
  return new Map<string, (request: Request) => Promise<Reply> | Reply>([
    ['GET /healthz', () => ({ headers: JSON_TYPE, body: '{"status":"ok"}' })],
    ['GET /v1/collateral', (request) => serveBundle(request, parts)],
    ['POST /v1/attestations', (request) => attest(request, parts)],
    ...(['sgx', 'tdx'] as const).flatMap((tee) => [
      pcsRoute(`/${tee}/certification/v4/tcb`, (query) => ({ kind: 'tcbInfo', tee, fmspc: fmspcOf(query) })),
      pcsRoute(`/${tee}/certification/v4/qe/identity`, () => ({ kind: 'qeIdentity', tee })),
    ]),
    pcsRoute('/sgx/certification/v4/pckcrl', (query) => ({ kind: 'pckCrl', ca: caOf(query) })),
    pcsRoute('/sgx/certification/v4/rootcacrl', () => ({ kind: 'rootCaCrl' })),
  ])
}

/** As Intel's PCS and PCCS answer, so that a stock quote provider may point here. */
async function serveDocument(name: DocumentName, query: URLSearchParams, { cache }: RouteParts): Promise<Reply> {
  const { document } = await cache.get(name)
  if (name.kind === 'rootCaCrl') return { headers: { 'content-type': 'text/plain' }, body: document.content }
  const chain = { [chainHeaders[name.kind]]: encodeURIComponent(document.issuerChain) }
  if (name.kind !== 'pckCrl') return { headers: { ...JSON_TYPE, ...chain }, body: wrapJson(name.kind, document) }
  if (query.get('encoding') !== 'der')
    return { headers: { 'content-type': 'text/plain', ...chain }, body: document.content }
  return { headers: { 'content-type': 'application/pkix-crl', ...chain }, body: hexToBytes(`0x${document.content}`) }
}

/** Everything that a quote is verified with, in one answer that a browser may read. */
async function serveBundle({ query, header }: Request, { cache, now }: RouteParts): Promise<Reply> {
  const tee = query.get('tee') ?? 'sgx'
  if (tee !== 'sgx' && tee !== 'tdx') throw new ProblemError('MALFORMED_REQUEST', { detail: 'tee is sgx or tdx.' })
  const kind: PlatformKind = { tee, fmspc: fmspcOf(query), ca: caOf(query) }
  const { collateral, hash, validUntil } = await fetchBundle(cache, kind)
  const etag = `"${hash.slice(2)}"`
  const maxAge = Math.max(0, Math.min(MAX_AGE_SECONDS, Math.floor(validUntil - now())))
  const headers = { ...JSON_TYPE, etag, 'cache-control': `public, max-age=${maxAge}` }
  if (header('if-none-match') === etag) return { status: 304, headers }
  return { headers, body: JSON.stringify(collateral) }
}

const attestationRequest = v.strictObject({
  quote: v.pipe(v.string(), v.regex(/^0x(?:[0-9a-fA-F]{2})+$/, 'quote must be 0x and hex')),
})

/** Verifies a quote and puts the verdict into a form that the contract takes. */
async function attest({ body }: Request, parts: RouteParts): Promise<Reply> {
  const quote = hexToBytes(parseRequest(await body()))
  const { collateral, hash: collateralHash } = await fetchBundle(parts.cache, platformOf(quote))
  // No measurement is asked for here: the contract holds the list.
  const verdict = verifyQuote(quote, collateral, { at: parts.now(), trustRoot: parts.trustRoot, policy: defaultPolicy })
  const { measurement, tcbStatus, validUntil } = verdict
  const evidence = signEvidence(parts.domain, quote, validUntil, parts.attesterKey)
  parts.log('info', 'quote verified', {
    quoteHash: keccak256(quote),
    measurement,
    tcbStatus,
    collateralHash,
    validUntil,
  })
  return { headers: JSON_TYPE, body: JSON.stringify({ verdict: verdictToJson(verdict), collateralHash, evidence }) }
}

function parseRequest(body: string): Hex {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch (cause) {
    throw new ProblemError('MALFORMED_REQUEST', { detail: 'The body is not JSON.', cause })
  }
  const parsed = v.safeParse(attestationRequest, json)
  if (!parsed.success) throw new ProblemError('MALFORMED_REQUEST', { detail: 'Expected { "quote": "0x…" }.' })
  return parsed.output.quote as Hex
}

function fmspcOf(query: URLSearchParams): string {
  const fmspc = query.get('fmspc')?.toLowerCase().replace(/^0x/, '') ?? ''
  if (!/^[0-9a-f]{12}$/.test(fmspc)) throw new ProblemError('MALFORMED_REQUEST', { detail: 'fmspc is 6 bytes in hex.' })
  return fmspc
}

function caOf(query: URLSearchParams): 'platform' | 'processor' {
  const ca = query.get('ca') ?? 'platform'
  if (ca === 'platform' || ca === 'processor') return ca
  throw new ProblemError('MALFORMED_REQUEST', { detail: 'ca is platform or processor.' })
}
