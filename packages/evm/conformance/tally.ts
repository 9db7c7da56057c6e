/** Runs cases and keeps count. */
import type { Engine } from '../src/testing/engine.ts'
import { casesOf } from './fixtures.ts'
import { FixtureError } from './values.ts'
import { type Case, failed, type Verdict } from './verdict.ts'

export type Tally = {
  passed: number
  failures: { name: string; why: string }[]
  /** Reasons, with how many cases each. */
  skips: Map<string, number>
}

export type Progress = { done: number; failed: number; file: string }

/** Files one after another. A file that cannot be read is a failure of its own, and the others still run. */
export async function runFiles(
  files: readonly string[],
  engine: Engine,
  onProgress: (progress: Progress) => void = () => {},
): Promise<Tally> {
  const tally: Tally = { passed: 0, failures: [], skips: new Map() }
  let done = 0
  for (const file of files)
    for (const { name, run } of readCases(file, engine)) {
      count(tally, name === '' ? file : `${file}: ${name}`, await judge(run))
      onProgress({ done: ++done, failed: tally.failures.length, file })
    }
  return tally
}

/** The line that ends a run. */
export function summary({ passed, failures, skips }: Tally): string {
  const skipped = [...skips.values()].reduce((sum, count) => sum + count, 0)
  return `${passed} passed, ${failures.length} failed, ${skipped} skipped`
}

function readCases(file: string, engine: Engine): Case[] {
  try {
    return casesOf(file, engine)
  } catch (error) {
    return [{ name: '', run: () => failed(reasonOf(error)) }]
  }
}

async function judge(run: Case['run']): Promise<Verdict> {
  try {
    return await run()
  } catch (error) {
    return failed(reasonOf(error))
  }
}

/** A fixture that lacks what its shape promises throws somewhere: that is a failure of this file or case alone. */
function reasonOf(error: unknown): string {
  return error instanceof FixtureError ? error.message : `it threw ${String(error)}`
}

function count(tally: Tally, name: string, verdict: Verdict): void {
  if (verdict.kind === 'passed') tally.passed++
  else if (verdict.kind === 'failed') tally.failures.push({ name, why: verdict.why })
  else tally.skips.set(verdict.why, (tally.skips.get(verdict.why) ?? 0) + 1)
}
