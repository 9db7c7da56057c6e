/** What a run of mutants found, as people read it. */
import path from 'node:path'
import type { Mutant } from './generate.ts'

export type Outcome =
  | { state: 'killed'; by: string }
  | { state: 'survived' }
  | { state: 'equivalent'; reason: string }
  /** It does not compile: no mutant. */
  | { state: 'invalid' }
export type Result = { mutant: Mutant; outcome: Outcome; seconds: number }

const COLUMNS = ['mutants', 'killed', 'equivalent', 'survived'] as const

/** One mutant: `Money.sol:16 toUint64 comparison: > → >=`. */
export function titleOf({ file, line, scope, operator, was, edit }: Mutant): string {
  const is = edit.replacement.replace(/\s+/g, ' ')
  return `${path.basename(file)}:${line} ${scope} ${operator}: ${was} → ${is === '' ? 'nothing' : is}`
}

export function lineOf({ mutant, outcome, seconds }: Result): string {
  const end =
    outcome.state === 'killed' ? `  by ${outcome.by}` : outcome.state === 'equivalent' ? `  ${outcome.reason}` : ''
  return `${outcome.state.padEnd(10)} ${seconds.toFixed(1).padStart(5)} s  ${titleOf(mutant)}${end}`
}

/** The table by file, the survivors, and the one line that says it all. */
export function reportOf(results: readonly Result[]): string {
  const valid = results.filter(({ outcome }) => outcome.state !== 'invalid')
  const count = (some: readonly Result[], state: string) => some.filter(({ outcome }) => outcome.state === state).length
  const row = (name: string, some: readonly Result[]) =>
    [
      name.padEnd(28),
      ...[some.length, ...COLUMNS.slice(1).map((state) => count(some, state))].map((n) => `${n}`.padStart(11)),
    ].join('')
  const files = [...Map.groupBy(valid, ({ mutant }) => mutant.file)].sort(([a], [b]) => (a < b ? -1 : 1))
  const survivors = valid.filter(({ outcome }) => outcome.state === 'survived')
  const ran = valid.filter(({ outcome }) => outcome.state !== 'equivalent')
  const mean = ran.reduce((sum, { seconds }) => sum + seconds, 0) / Math.max(1, ran.length)
  return [
    ['file'.padEnd(28), ...COLUMNS.map((name) => name.padStart(11))].join(''),
    ...files.map(([file, some]) => row(file.replace('contracts/src/', ''), some)),
    row('in all', valid),
    '',
    ...survivors.flatMap(({ mutant }) => [
      `survived: ${titleOf(mutant)}`,
      `  ${mutant.before}`,
      `  ${mutant.after}`,
      '',
    ]),
    `${results.length - valid.length} more did not compile; ${mean.toFixed(1)} s a mutant.`,
    `${valid.length} mutants: ${count(valid, 'killed')} killed, ${count(valid, 'equivalent')} equivalent, ${survivors.length} survived`,
  ].join('\n')
}
