/** What the source refused or could not give, remembered for a while: the same question does not reach it again so soon. */
import { ProblemError } from './problem.ts'

/** An unknown kind of platform stays unknown for months. */
const UNKNOWN_SECONDS = 3600
/** Strangers can fill it with twelve digits of their choice; the oldest go first. */
const MOST = 4096

export function createRefusals() {
  const known = new Map<string, { error: unknown; until: number }>()
  const find = (label: string, now: number) => {
    const found = known.get(label)
    return found && now < found.until ? found : undefined
  }
  return {
    remember(label: string, error: unknown, now: number, seconds: number): void {
      const isFinal =
        error instanceof ProblemError && (error.code === 'UNKNOWN_PLATFORM' || error.code === 'EVALUATION_GONE')
      known.delete(label)
      known.set(label, { error, until: now + (isFinal ? UNKNOWN_SECONDS : seconds) })
      for (const oldest of known.keys()) {
        if (known.size <= MOST) break
        known.delete(oldest)
      }
    },
    isKnown: (label: string, now: number): boolean => find(label, now) !== undefined,
    /** Throws what was thrown the last time, if that was not long ago. */
    throwKnown(label: string, now: number): void {
      const found = find(label, now)
      if (found) throw found.error
    },
  }
}
