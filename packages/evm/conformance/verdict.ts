/** How a case of a fixture ended. */
export type Verdict = { kind: 'passed' } | { kind: 'failed'; why: string } | { kind: 'skipped'; why: string }

/** One thing to run. `name` says where it stands in its file. */
export type Case = { name: string; run(): Promise<Verdict> | Verdict }

export const PASSED: Verdict = { kind: 'passed' }

export function failed(why: string): Verdict {
  return { kind: 'failed', why }
}

export function skipped(why: string): Verdict {
  return { kind: 'skipped', why }
}
