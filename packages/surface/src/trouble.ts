/**
 * What keeps tasks waiting, and what their operator can do about it: for the status, and said in the log once for each cause.
 */
import type { Logger } from '@enigma/process'

export type Trouble = { code: string; hint: string }

/** `begins` and `ends` name the events in the log. */
export function createTroubles(log: Logger, { begins, ends }: { begins: string; ends: string }) {
  let latest: Trouble | undefined
  return {
    note(trouble: Trouble): void {
      if (latest?.code !== trouble.code) log.warn(begins, { code: trouble.code })
      latest = trouble
    },
    clear(): void {
      if (latest) log.info(ends, { code: latest.code })
      latest = undefined
    },
    latest: (): Trouble | null => latest ?? null,
  }
}
