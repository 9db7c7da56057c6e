/**
 * Intel's collateral for a platform, from the Attestation service or any mirror of it.
 *
 * Who serves it does not matter: every part is signed, and the verifier checks signatures and dates. So all that this
 * file fears is a server that is down, one that never answers, or one that sends without end.
 */
import { type Collateral, parseCollateral } from '@enigma/attestation'
import { EnigmaError } from '@enigma/protocol'
import type { Clock } from './clock.ts'

/** With the issuers of the platform's certificate, which the chain's events leave out. */
export type WorkerCollateral = Collateral & { readonly pckCrlIssuerChain: string }
export type CollateralSource = (platform: { fmspc: string; ca: string }) => Promise<WorkerCollateral>

/** Real bundles are about 30 kB; the longest CRL that Intel ever served had 7 kB. */
const MAX_BYTES = 1 << 20
const PATIENCE_MS = 15_000
/** Long enough for calls that run side by side; short enough for a revocation to be noticed. */
const KEEP_MS = 60_000

/** A source that asks once for platforms of one kind and keeps the answer for a minute. */
export function openCollateralSource(
  attestationUrl: string,
  { fetch, clock }: { fetch: typeof globalThis.fetch; clock: Clock },
): CollateralSource {
  const kept = new Map<string, { atMs: number; collateral: Promise<WorkerCollateral> }>()
  const base = attestationUrl.endsWith('/') ? attestationUrl : `${attestationUrl}/`
  return ({ fmspc, ca }) => {
    const url = new URL('v1/collateral', base)
    url.search = new URLSearchParams({ fmspc, ca }).toString()
    const before = kept.get(url.href)
    if (before && clock.nowMs() - before.atMs < KEEP_MS) return before.collateral
    const collateral = download(url, fetch, clock)
    kept.set(url.href, { atMs: clock.nowMs(), collateral })
    collateral.catch(() => kept.delete(url.href))
    return collateral
  }
}

async function download(url: URL, fetch: typeof globalThis.fetch, clock: Clock): Promise<WorkerCollateral> {
  const over = new AbortController()
  const done = new AbortController()
  void clock.sleep(PATIENCE_MS, done.signal).then(() => over.abort())
  try {
    const response = await fetch(url, { signal: over.signal })
    if (!response.ok) throw new CollateralUnavailableError(url, `it answered ${response.status}`)
    const collateral = parseCollateral(parseJson(await readBounded(response, url), url))
    const { pckCrlIssuerChain } = collateral
    if (pckCrlIssuerChain === undefined) throw new CollateralIncompleteError(url)
    return { ...collateral, pckCrlIssuerChain }
  } catch (cause) {
    if (cause instanceof EnigmaError) throw cause
    throw new CollateralUnavailableError(url, 'it cannot be reached', cause)
  } finally {
    done.abort()
  }
}

function parseJson(text: string, url: URL): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new CollateralUnavailableError(url, 'it answered no JSON', cause)
  }
}

async function readBounded(response: Response, url: URL): Promise<string> {
  const reader = response.body?.getReader()
  if (!reader) return ''
  const decoder = new TextDecoder()
  let text = ''
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    length += value.length
    if (length > MAX_BYTES) {
      await reader.cancel()
      throw new CollateralUnavailableError(url, `it sent more than ${MAX_BYTES} bytes`)
    }
    text += decoder.decode(value, { stream: true })
  }
}

export class CollateralUnavailableError extends EnigmaError {
  override readonly name = 'CollateralUnavailableError'
  readonly code = 'COLLATERAL_UNAVAILABLE'
  constructor(url: URL, fault: string, cause?: unknown) {
    super(`No collateral from ${url.origin}: ${fault}.`, {
      hint: 'Any mirror of the Attestation service will do: set attestationUrl.',
      cause,
    })
  }
}

/** Collateral for quotes that bring their whole chain. Those on chain bring the platform's certificate only. */
export class CollateralIncompleteError extends EnigmaError {
  override readonly name = 'CollateralIncompleteError'
  readonly code = 'COLLATERAL_INCOMPLETE'
  constructor(url: URL) {
    super(`The collateral from ${url.origin} lacks pckCrlIssuerChain, the issuers of the platform's certificate.`, {
      hint: 'Set attestationUrl to an Attestation service of the present version, or a mirror of one.',
    })
  }
}
