/**
 * Documents, verified before they are kept and again before they are served.
 *
 * Keeps the last good one when the source fails, never one that was issued before the one it holds, and serves nothing
 * past its end (S16). Only what verified is kept, so its size is bounded by what Intel signs.
 */
import { EnigmaError } from '@enigma/protocol'
import { AttestationError } from '../attestation-error.ts'
import type { TrustRoot } from '../trust-roots.ts'
import type { Document, DocumentName } from './document.ts'
import { pathOf } from './document.ts'
import type { Log } from './log.ts'
import { ProblemError } from './problem.ts'
import type { FetchDocument } from './upstream.ts'
import { type Facts, verifyDocument } from './verify-document.ts'

type Held = { readonly document: Document } & Facts
export type CollateralCache = { get(name: DocumentName): Promise<Held> }

export type CacheParts = {
  readonly fetchDocument: FetchDocument
  readonly trustRoot: TrustRoot
  /** Unix seconds. */
  readonly now: () => number
  readonly refreshSeconds: number
  readonly log: Log
}

/** How long a failing source is left alone while what is held still serves. */
const RETRY_SECONDS = 60

export function createCollateralCache({
  fetchDocument,
  trustRoot,
  now,
  refreshSeconds,
  log,
}: CacheParts): CollateralCache {
  const held = new Map<string, Held & { refreshAt: number }>()
  const fetching = new Map<string, Promise<void>>()

  async function get(name: DocumentName): Promise<Held> {
    const key = pathOf(name)
    const rootCrl = name.kind === 'rootCaCrl' ? undefined : (await get({ kind: 'rootCaCrl' })).document.content
    const verify = (document: Document) => verifyDocument(name, document, rootCrl ?? document.content, trustRoot, now())
    if (!((held.get(key)?.refreshAt ?? 0) > now())) await refreshOnce(key, name, verify)
    const found = held.get(key)
    if (!found) throw new ProblemError('COLLATERAL_UNAVAILABLE')
    return { document: found.document, ...whileServing(() => verify(found.document)) }
  }

  /** Callers that come while a document is being fetched wait for that one. */
  function refreshOnce(key: string, name: DocumentName, verify: (document: Document) => Facts): Promise<void> {
    const running = fetching.get(key) ?? refresh(key, name, verify).finally(() => fetching.delete(key))
    fetching.set(key, running)
    return running
  }

  async function refresh(key: string, name: DocumentName, verify: (document: Document) => Facts): Promise<void> {
    const current = held.get(key)
    try {
      const document = await fetchDocument(name)
      const facts = whileServing(() => verify(document))
      if (current) refuseRollback(current, facts)
      // Whom the root newly revokes must not serve until their own time comes.
      if (name.kind === 'rootCaCrl') for (const [other, it] of held) held.set(other, { ...it, refreshAt: 0 })
      held.set(key, { document, ...facts, refreshAt: Math.min(now() + refreshSeconds, facts.validUntil + 1) })
      log('info', 'collateral fetched', { document: name.kind, validUntil: facts.validUntil })
    } catch (error) {
      const { code, reason } = describe(error)
      log('warn', 'collateral not refreshed', { document: name.kind, code, reason })
      if (!current) throw error
      held.set(key, { ...current, refreshAt: now() + RETRY_SECONDS })
    }
  }

  return { get }
}

/** What the verifier refuses is the source's fault: expired, or worse. */
function whileServing(verify: () => Facts): Facts {
  try {
    return verify()
  } catch (cause) {
    if (!(cause instanceof AttestationError)) throw cause
    throw new ProblemError(cause.code.endsWith('_EXPIRED') ? 'COLLATERAL_STALE' : 'COLLATERAL_REFUSED', { cause })
  }
}

/** Intel numbers its lists 1 for ever, so dates and evaluation numbers are what only rises. */
function refuseRollback(current: Facts, next: Facts): void {
  if (next.issuedAt < current.issuedAt || next.evaluationNumber < current.evaluationNumber) {
    throw new ProblemError('COLLATERAL_REFUSED', { detail: 'It is older than what is held.' })
  }
}

function describe(error: unknown): { code: string; reason?: string } {
  if (error instanceof ProblemError && error.reason !== undefined) return { code: error.code, reason: error.reason }
  return { code: error instanceof EnigmaError ? error.code : 'INTERNAL' }
}
