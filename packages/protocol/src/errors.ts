/** What every error of Enigma has: a code for programs, a text for people, a hint what to do now. Never a secret. */
export abstract class EnigmaError extends Error {
  /** Stable; programs compare this, never the message. */
  abstract readonly code: string
  readonly hint?: string

  constructor(message: string, { hint, cause }: { hint?: string; cause?: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause })
    if (hint !== undefined) this.hint = hint
  }
}
