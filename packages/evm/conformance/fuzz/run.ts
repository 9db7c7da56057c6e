/** Program after program through both engines. */
import type { Engine } from '../../src/testing/engine.ts'
import { differenceOf } from './difference.ts'
import { type Scenario, scenarioOf } from './scenario.ts'
import { printed, shrink } from './shrink.ts'

export type Found = { seed: number; difference: string; minimal: string }

export type FuzzOptions = {
  subject: Engine
  oracle: Engine
  /** Of the first program; each next one is the next number's. */
  seed: number
  isDone(programs: number): boolean
  onProgram?(programs: number, differences: number): void
  onFound?(found: Found): void
}

const MAX_FOUND = 10

export async function fuzz(options: FuzzOptions): Promise<{ programs: number; found: Found[] }> {
  const { subject, oracle, seed, isDone, onProgram, onFound } = options
  const found: Found[] = []
  let programs = 0
  for (; !isDone(programs) && found.length < MAX_FOUND; programs++) {
    const scenario = scenarioOf(seed + programs)
    const difference = await differenceOf(scenario, subject, oracle)
    if (difference) {
      const smaller = async (other: Scenario) => (await differenceOf(other, subject, oracle))?.what === difference.what
      const minimal = await shrink(scenario, smaller)
      const { text } = (await differenceOf(minimal, subject, oracle)) ?? difference
      const one = { seed: seed + programs, difference: text, minimal: printed(minimal) }
      found.push(one)
      onFound?.(one)
    }
    onProgram?.(programs + 1, found.length)
  }
  return { programs, found }
}
