/** Waiting for a condition, with a bound. */
import { setTimeout as sleep } from 'node:timers/promises'
import { EnigmaError } from '@enigma/protocol'

const EVERY_MS = 20
/** Far above what a loaded machine needs: only a test that fails waits for it. */
const WITHIN_MS = 60_000

/** The first value that `look` finds; asks again while it finds nothing. */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  { withinMs = WITHIN_MS }: { withinMs?: number } = {},
): Promise<T> {
  const until = performance.now() + withinMs
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (performance.now() > until) throw new NeverHappenedError(what, withinMs)
    await sleep(EVERY_MS)
  }
}

/** Thrown when a condition did not come true in time. */
export class NeverHappenedError extends EnigmaError {
  override readonly name = 'Testing.NeverHappenedError'
  readonly code = 'NEVER_HAPPENED'
  constructor(what: string, withinMs: number) {
    super(`Waited ${withinMs / 1000} s in vain: ${what}.`)
  }
}
