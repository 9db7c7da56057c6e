/**
 * Mutants that no test can notice, because they change nothing that can be observed. Each is listed with the reason in
 * equivalent.json, under the function and the line's text: a change of the line makes the entry stale, which is an error.
 */
import fs from 'node:fs'
import path from 'node:path'
import type { Mutant } from './generate.ts'

export type Equivalent = { in: string; before: string; after: string; reason: string }

const FILE = path.join(import.meta.dirname, 'equivalent.json')

export function readEquivalents(): Equivalent[] {
  return JSON.parse(fs.readFileSync(FILE, 'utf8')) as Equivalent[]
}

export function isListed(mutant: Mutant, { in: scope, before, after }: Equivalent): boolean {
  return mutant.scope === scope && mutant.before === before && mutant.after === after
}

/** Refuses entries that name no mutant, and those without a reason. `mutants` are all that there are. */
export function requireFresh(listed: readonly Equivalent[], mutants: readonly Mutant[]): void {
  const bad = listed.filter((entry) => entry.reason.trim() === '' || !mutants.some((mutant) => isListed(mutant, entry)))
  if (bad.length === 0) return
  const lines = bad.map(({ in: scope, before, after }) => `  ${scope}: ${before}  →  ${after}`)
  throw new Error(
    [
      'Entries of tools/mutants/equivalent.json without a reason, or that match no mutant any more:',
      ...lines,
      'Look at what the line says now; delete the entry, or bring it up to date.',
    ].join('\n'),
  )
}
