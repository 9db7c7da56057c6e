/** What went wrong, as HTTP says it: problem+json (RFC 9457) with the code of our errors. */
import { AttestationError } from '@enigma/attestation'
import { EnigmaError } from '@enigma/protocol'

/** Codes of the service itself. Those of the verifier answer 422: the request was well formed, the quote was not good. */
export const problems = {
  MALFORMED_REQUEST: [400, 'The request is not in its format.', 'See docs/protocol/attestation.md.'],
  NOT_FOUND: [404, 'There is nothing at this path.', 'See docs/protocol/attestation.md for the paths.'],
  UNKNOWN_PLATFORM: [404, 'The collateral service knows no such platform.', 'Check FMSPC, TEE and CA of the quote.'],
  METHOD_NOT_ALLOWED: [405, 'This path does not take this method.', 'See docs/protocol/attestation.md.'],
  EVALUATION_GONE: [410, 'This TCB evaluation is served no more.', 'Ask for update=standard.'],
  BODY_TOO_LARGE: [413, 'The request is too large.', 'Send a quote alone; none is longer than 8 KB.'],
  TOO_MANY_REQUESTS: [429, 'This address asks too often.', 'Wait as Retry-After says.'],
  INTERNAL: [500, 'The service failed.', 'Tell the operator.'],
  PCK_NOT_SERVED: [
    501,
    'PCK certificates are not served here.',
    "They need Intel's API key on the host: point `pccs_url` at a PCCS of the host's own, and `collateral_service` here.",
  ],
  COLLATERAL_REFUSED: [502, 'The collateral service sent something that does not verify.', 'Tell the operator.'],
  COLLATERAL_STALE: [503, 'The collateral held has expired and no newer is to be had.', 'Try again later.'],
  COLLATERAL_UNAVAILABLE: [503, 'The collateral service does not answer.', 'Try again later.'],
  BUSY: [503, 'The service has too much to do.', 'Try again as Retry-After says.'],
} as const satisfies Record<string, readonly [status: number, title: string, hint: string]>

export type ProblemCode = keyof typeof problems

/** Thrown by the service; answered as problem+json. */
export class ProblemError extends EnigmaError {
  override readonly name = 'AttestationService.ProblemError'
  readonly code: ProblemCode
  /** The code of the error behind it, where there is one to name. */
  readonly reason: string | undefined
  readonly retryAfterSeconds: number | undefined
  constructor(code: ProblemCode, { detail, cause, retryAfterSeconds }: Details = {}) {
    super(detail === undefined ? problems[code][1] : `${problems[code][1]} ${detail}`, {
      hint: problems[code][2],
      cause,
    })
    this.code = code
    this.reason = cause instanceof EnigmaError ? cause.code : undefined
    this.retryAfterSeconds = retryAfterSeconds
  }
}

type Details = { detail?: string; cause?: unknown; retryAfterSeconds?: number }

export type Problem = {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly hint?: string
  readonly reason?: string
}

/** An error that nobody foresaw is named, not described: its text may hold anything. */
export function problemOf(error: unknown): Problem {
  if (error instanceof AttestationError) return problem(422, 'The quote is refused.', error)
  if (error instanceof ProblemError)
    return problem(problems[error.code][0], problems[error.code][1], error, error.reason)
  return problemOf(new ProblemError('INTERNAL'))
}

function problem(status: number, title: string, error: EnigmaError, reason?: string): Problem {
  return {
    type: 'about:blank',
    title,
    status,
    code: error.code,
    detail: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(reason === undefined ? {} : { reason }),
  }
}
