/**
 * Documents, verified before they are kept and again before they are served.
 *
 * Keeps the last good one when the source fails, never one that was issued before the one it holds, and serves nothing
 * past its end (S16). A stranger's question reaches the source once, and then for a while not again, whatever the answer
 * was (S18): what is held is refreshed by `refreshDue` alone.
 */
import { AttestationError, type TrustRoot } from '@enigma/attestation'
import type { Clock, Logger } from '@enigma/process'
import { EnigmaError } from '@enigma/protocol'
import { type Document, type DocumentName, labelOf } from './document.ts'
import type { DocumentStore } from './document-store.ts'
import { createHeldDocuments, type Held, type HeldSettings, RETRY_SECONDS } from './held-documents.ts'
import { ProblemError } from './problem.ts'
import { createRefusals } from './refusals.ts'
import { createTokenBucket } from './token-bucket.ts'
import type { FetchDocument } from './upstream.ts'
import { type Facts, type ReadDocument, type Verified, verifyDocument } from './verify-document.ts'

export type Served = { readonly document: Document; readonly read: ReadDocument } & Facts
export type HeldDocument = {
  readonly label: string
  /** Unix seconds; undefined where nothing is held. */
  readonly validUntil: number | undefined
  /** Whether this service is to have it whoever asks. */
  readonly isStanding: boolean
}
export type CollateralCache = ReturnType<typeof createCollateralCache>

export type CacheParts = Omit<HeldSettings, 'mostHeld'> & {
  readonly fetchDocument: FetchDocument
  readonly store: DocumentStore
  readonly trustRoot: TrustRoot
  readonly clock: Clock
  readonly log: Logger
  readonly mostHeld?: number
  readonly onFetch?: (name: DocumentName, code: string | undefined) => void
}

/** Some 100 kinds of platform exist, and a document has 10 KB. */
const MOST_HELD = 256
/** Questions of strangers that are passed on to the source. */
const STRANGERS = { perMinute: 20, burst: 30 }
const ROOT_CRL: DocumentName = { kind: 'rootCaCrl' }

export function createCollateralCache(parts: CacheParts) {
  const { fetchDocument, store, trustRoot, clock, log, mostHeld = MOST_HELD, onFetch } = parts
  const held = createHeldDocuments(store, { ...parts, mostHeld })
  const fetching = new Map<string, Promise<void>>()
  const refusals = createRefusals()
  const strangers = createTokenBucket(STRANGERS)
  const now = () => Math.floor(clock.nowMs() / 1000)

  /** The document, in force and verified now, from what is held or from the source. */
  async function get(name: DocumentName, isOwn = false): Promise<Served> {
    const label = labelOf(name)
    const rootCrl = await rootCrlFor(name, isOwn)
    const current = held.find(label)
    if (current) {
      current.usedAt = now()
      try {
        return serve(current, rootCrl)
      } catch (error) {
        // The source was asked already, and is not asked again for each caller.
        if (current.failures > 0 && now() < current.dueAt) throw error
      }
    } else {
      refusals.throwKnown(label, now())
      const isFree = isOwn || held.isStanding(label) || fetching.has(label)
      const waitSeconds = isFree ? 0 : strangers.take(clock.nowMs())
      if (waitSeconds > 0) throw new ProblemError('BUSY', { retryAfterSeconds: waitSeconds })
    }
    try {
      await refreshOnce(label, name)
    } catch (error) {
      // Of what is held, its own fault says more.
      if (!current) throw error
    }
    const found = held.find(label)
    if (!found) throw new ProblemError('COLLATERAL_UNAVAILABLE')
    return serve(found, await rootCrlFor(name, isOwn))
  }

  async function rootCrlFor(name: DocumentName, isOwn = false): Promise<string | undefined> {
    return name.kind === 'rootCaCrl' ? undefined : (await get(ROOT_CRL, isOwn)).document.content
  }

  function serve({ name, document }: Held, rootCrl: string | undefined): Served {
    const { read, facts } = verify(name, document, rootCrl)
    return { document, read, ...facts }
  }

  /** What the verifier refuses is the source's fault: expired, or worse. */
  function verify(name: DocumentName, document: Document, rootCrl = document.content): Verified {
    try {
      return verifyDocument(name, document, rootCrl, trustRoot, now())
    } catch (cause) {
      if (!(cause instanceof AttestationError)) throw cause
      throw new ProblemError(cause.code.endsWith('_EXPIRED') ? 'COLLATERAL_STALE' : 'COLLATERAL_REFUSED', { cause })
    }
  }

  /** Callers that come while a document is being fetched wait for that one. */
  function refreshOnce(label: string, name: DocumentName): Promise<void> {
    const running = fetching.get(label) ?? refresh(label, name).finally(() => fetching.delete(label))
    fetching.set(label, running)
    return running
  }

  async function refresh(label: string, name: DocumentName): Promise<void> {
    try {
      const document = await fetchDocument(name)
      const { facts } = verify(name, document, await rootCrlFor(name))
      const current = held.find(label)
      if (current) refuseRollback(current.facts, facts)
      held.put({ name, document, facts, fetchedAt: now() })
      onFetch?.(name, undefined)
      log.info('collateral-fetched', { document: label, validUntil: facts.validUntil })
    } catch (error) {
      const { code, reason } = describe(error)
      onFetch?.(name, code)
      log.warn('collateral-not-fetched', { document: label, code, reason })
      postpone(label, error)
      throw error
    }
  }

  /** Remembers that the source was asked in vain: with what is held, or as a refusal. */
  function postpone(label: string, error: unknown): void {
    const askedSeconds = (error instanceof ProblemError && error.retryAfterSeconds) || 0
    const current = held.find(label)
    if (current) held.postpone(current, now(), askedSeconds)
    else refusals.remember(label, error, now(), Math.max(RETRY_SECONDS, askedSeconds))
  }

  return {
    get: (name: DocumentName): Promise<Served> => get(name),
    /** As `get`, for this program's own needs: strangers cannot use up its questions. */
    getOwn: (name: DocumentName): Promise<Served> => get(name, true),
    /** Names a document that is to be held whoever asks for it. */
    keep: (name: DocumentName): void => held.keep(name),
    /** Names what else is to be held for now, in place of what was named so before. */
    want: (names: readonly DocumentName[]): void => held.want(names),
    /** Takes what a former run has left, as far as it is genuine still. To be called once, before anything else. */
    load(): void {
      const found = store.all()
      const rootCrl = found.find(({ name }) => name.kind === 'rootCaCrl')?.document.content
      for (const stored of found) {
        const { code, reason } = codeOfRefusal(() => verify(stored.name, stored.document, rootCrl ?? ''))
        // It is not served, but nothing older may come after it; a clock that is behind must not cost what is held.
        const isOfAnotherTime = code === 'COLLATERAL_STALE' || reason?.endsWith('_NOT_YET_VALID')
        if (code === undefined || isOfAnotherTime) held.restore(stored, now())
        else {
          log.warn('collateral-dropped', { document: labelOf(stored.name), code })
          held.drop(labelOf(stored.name))
        }
      }
    },
    /** Fetches what is missing or of age. Failures are logged and come again. */
    async refreshDue(): Promise<void> {
      held.forgetUnused(now())
      const fetchDue = async (name: DocumentName) => {
        const label = labelOf(name)
        if (!refusals.isKnown(label, now())) await refreshOnce(label, name).catch(onlyOurs)
      }
      // The root's list first: all else is verified under it, and another one makes all else due.
      if (held.due(now()).some(({ kind }) => kind === 'rootCaCrl')) await fetchDue(ROOT_CRL)
      for (const name of held.due(now())) if (name.kind !== 'rootCaCrl') await fetchDue(name)
    },
    /** What is held, and what is to be. */
    status(): HeldDocument[] {
      const labels = new Set([...held.standing().keys(), ...held.all().map(({ name }) => labelOf(name))])
      return [...labels].map((label) => ({
        label,
        validUntil: held.find(label)?.facts.validUntil,
        isStanding: held.isStanding(label),
      }))
    },
    /** Unix seconds of the last document that the source gave; undefined: never. */
    lastFetchedAt(): number | undefined {
      const times = held.all().map(({ fetchedAt }) => fetchedAt)
      return times.length > 0 ? Math.max(...times) : undefined
    },
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

function codeOfRefusal(act: () => unknown): { code?: string; reason?: string } {
  try {
    act()
    return {}
  } catch (error) {
    onlyOurs(error)
    return describe(error)
  }
}

/** Lets our own refusals pass, which are logged where they arise; anything else is a fault of this program. */
function onlyOurs(error: unknown): void {
  if (!(error instanceof EnigmaError)) throw error
}
