/** The one error of this package's verifier: a code from `codes.ts`, and what was found. */
import { EnigmaError } from '@enigma/protocol'
import { type AttestationCode, codes } from './codes.ts'
import { hintFor } from './hints.ts'

/** Thrown when a quote or its collateral is refused. */
export class AttestationError extends EnigmaError {
  override readonly name = 'AttestationError'
  readonly code: AttestationCode
  constructor(code: AttestationCode, found?: string, options: { cause?: unknown } = {}) {
    super(found === undefined ? codes[code] : `${codes[code]} Found: ${found}.`, { hint: hintFor(code), ...options })
    this.code = code
  }
}

/** Refuses. Typed `never`, so that a check reads `if (…) refuse('…')` and the compiler narrows what follows. */
export function refuse(code: AttestationCode, found?: string): never {
  throw new AttestationError(code, found)
}
