/**
 * Fetches documents from Intel's PCS, a PCCS, or whatever answers like them. Believes nothing: the cache verifies.
 *
 * Polite: a few tries with growing pauses, never at the same moment as everybody else, and silence for as long as a 429 asks.
 */
import { backoffMs, type Clock } from '@enigma/process'
import { bytesToHex } from '@enigma/protocol'
import { chainHeaders, type Document, type DocumentName, pathOf, unwrapJson } from './document.ts'
import { ProblemError } from './problem.ts'

/** What is asked: a URL to a response, as `fetch` does it. */
export type Fetch = (url: URL, init: { signal: AbortSignal; redirect: 'error' }) => Promise<Response>
export type FetchDocument = (name: DocumentName) => Promise<Document>

export type UpstreamParts = {
  /** Of Intel's PCS, or of a PCCS, without path. */
  readonly url: string
  /** Where the root's revocation list is; by default where `url` has it. */
  readonly rootCrlUrl?: string | undefined
  readonly fetch: Fetch
  readonly clock: Clock
  /** From 0 up to 1. */
  readonly random: () => number
  readonly signal: AbortSignal
}

/** Where Intel's own service answers. */
export const INTEL_PCS = 'https://api.trustedservices.intel.com'
/** Intel serves the root's list elsewhere than a PCCS does. */
const INTEL_ROOT_CRL = 'https://certificates.trustedservices.intel.com/IntelSGXRootCA.der'
const TIMEOUT_MS = 10_000
/** Intel's longest answer, a TCB info, has 10 KB. */
const MAX_BYTES = 256 * 1024
const MOST_TRIES = 3
/** A caller waits at most this long for a source that asks to be left alone. */
const MOST_WAIT_SECONDS = 5
/** However long a source asks for, it is asked again after a day. */
const MOST_SILENCE_SECONDS = 86_400

export function createUpstream(parts: UpstreamParts): FetchDocument {
  const { clock, random, signal } = parts
  let silentUntilMs = 0

  async function askOnce(url: URL): Promise<Response> {
    const silentSeconds = Math.ceil((silentUntilMs - clock.nowMs()) / 1000)
    if (silentSeconds > MOST_WAIT_SECONDS) throw unavailable('It asked to be left alone.', silentSeconds)
    if (silentSeconds > 0) await clock.sleep(silentUntilMs - clock.nowMs(), signal)
    const response = await reach(url, parts)
    if (response.status === 429 || response.status === 503) {
      silentUntilMs = clock.nowMs() + retryAfterSeconds(response, clock.nowMs()) * 1000
    }
    return response
  }

  async function ask(url: URL): Promise<Response> {
    for (let attempt = 1; ; attempt++) {
      const isLast = attempt >= MOST_TRIES || signal.aborted
      try {
        const response = await askOnce(url)
        if (response.ok) return response
        // Never read on, and its connection would wait for that.
        await response.body?.cancel()
        if (response.status === 404 || response.status === 400) throw new ProblemError('UNKNOWN_PLATFORM')
        if (response.status === 410) throw new ProblemError('EVALUATION_GONE')
        if (isLast) throw unavailable(`It answered ${response.status}.`)
      } catch (error) {
        const mayPass = error instanceof ProblemError && error.code === 'COLLATERAL_UNAVAILABLE'
        if (isLast || !mayPass || error.retryAfterSeconds !== undefined) throw error
      }
      await clock.sleep(backoffMs(attempt) * (0.5 + random()), signal)
    }
  }

  return async (name) => {
    const response = await ask(urlOf(parts, name))
    const body = await readBounded(response)
    const chain = name.kind === 'rootCaCrl' ? '' : decodeChain(response.headers.get(chainHeaders[name.kind]))
    if (name.kind === 'rootCaCrl' || name.kind === 'pckCrl') {
      return { content: toDerHex(body), signature: '', issuerChain: chain }
    }
    const unwrapped = unwrapJson(name.kind, new TextDecoder().decode(body))
    if (!unwrapped) throw new ProblemError('COLLATERAL_REFUSED', { detail: 'Its wrapping is not as Intel has it.' })
    return { ...unwrapped, issuerChain: chain }
  }
}

function urlOf({ url, rootCrlUrl }: UpstreamParts, name: DocumentName): URL {
  const base = url.replace(/\/+$/, '')
  if (name.kind !== 'rootCaCrl') return new URL(base + pathOf(name))
  return new URL(rootCrlUrl ?? (base === INTEL_PCS ? INTEL_ROOT_CRL : base + pathOf(name)))
}

async function reach(url: URL, { fetch, signal }: UpstreamParts): Promise<Response> {
  try {
    return await fetch(url, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      redirect: 'error',
    })
  } catch (cause) {
    throw new ProblemError('COLLATERAL_UNAVAILABLE', { cause })
  }
}

/** Seconds or a date (RFC 9110 §10.2.3); a second where neither stands there. */
function retryAfterSeconds(response: Response, nowMs: number): number {
  const given = response.headers.get('retry-after') ?? ''
  const seconds = /^\d{1,9}$/.test(given) ? Number(given) : Math.ceil((Date.parse(given) - nowMs) / 1000)
  return Number.isFinite(seconds) ? Math.min(MOST_SILENCE_SECONDS, Math.max(1, seconds)) : 1
}

function unavailable(detail: string, retryAfterSeconds?: number): ProblemError {
  return new ProblemError('COLLATERAL_UNAVAILABLE', {
    detail,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  })
}

async function readBounded(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of response.body ?? []) {
      length += chunk.length
      if (length > MAX_BYTES) throw new ProblemError('COLLATERAL_REFUSED', { detail: 'It is too large.' })
      chunks.push(chunk)
    }
  } catch (cause) {
    if (cause instanceof ProblemError) throw cause
    throw new ProblemError('COLLATERAL_UNAVAILABLE', { cause })
  }
  return new Uint8Array(Buffer.concat(chunks))
}

/** Intel answers with DER, whose first byte is 0x30; a PCCS with its hex, whose first character is '3'. */
function toDerHex(body: Uint8Array): string {
  // The character '0' is 0x30 too, but no hex of a list begins with it.
  if (body[0] === 0x30) return bytesToHex(body).slice(2)
  return new TextDecoder().decode(body).trim().toLowerCase()
}

function decodeChain(header: string | null): string {
  try {
    return decodeURIComponent(header ?? '')
  } catch (cause) {
    throw new ProblemError('COLLATERAL_REFUSED', { detail: "The issuer's chain is not percent-encoded.", cause })
  }
}
