/**
 * Asks the Attestation service for its verdict on a quote, as evidence for the contract.
 */
import { EnigmaError, type Hex } from '@enigma/protocol'
import * as v from 'valibot'

const Answer = v.object({ evidence: v.pipe(v.string(), v.regex(/^0x(?:[0-9a-f]{2}){1,8192}$/)) })
/** problem+json (RFC 9457) with our code. */
const Refusal = v.object({ code: v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_]{0,39}$/)) })

type Options = { fetch?: typeof globalThis.fetch; timeoutMs?: number; signal?: AbortSignal }
export type Attest = (quote: Hex) => Promise<Hex>

export function createAttestationClient(
  url: string,
  { fetch = globalThis.fetch, timeoutMs = 15_000, signal }: Options = {},
): Attest {
  const endpoint = new URL('/v1/attestations', url)
  return async (quote) => {
    let response: Response
    let body: unknown
    try {
      response = await fetch(endpoint, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ quote }),
        signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]),
      })
      body = await response.json()
    } catch (cause) {
      throw new AttestationUnavailableError(endpoint.host, cause)
    }
    const answer = v.safeParse(Answer, body)
    if (response.ok && answer.success) return answer.output.evidence as Hex
    if (response.status >= 500 || response.status === 429) throw new AttestationUnavailableError(endpoint.host)
    const refusal = v.safeParse(Refusal, body)
    throw new QuoteRefusedError(refusal.success ? refusal.output.code : `HTTP_${response.status}`)
  }
}

/** Thrown when the service gives no verdict now. */
export class AttestationUnavailableError extends EnigmaError {
  override readonly name = 'AttestationClient.AttestationUnavailableError'
  readonly code = 'ATTESTATION_UNAVAILABLE'
  constructor(host: string, cause?: unknown) {
    super(`The Attestation service at ${host} gives no verdict.`, {
      hint: 'Check its URL and that it runs; the worker tries again by itself.',
      cause,
    })
  }
}

/** Thrown when the service refuses the quote. */
export class QuoteRefusedError extends EnigmaError {
  override readonly name = 'AttestationClient.QuoteRefusedError'
  readonly code = 'QUOTE_REFUSED'
  readonly reason: string
  constructor(reason: string) {
    super(`The Attestation service refuses this machine's quote: ${reason}.`, {
      hint: 'docs/protocol/attestation.md says what each code means; most ask for a platform or microcode update.',
    })
    this.reason = reason
  }
}
