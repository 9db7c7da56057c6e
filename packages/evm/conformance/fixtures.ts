/** Files of official tests, told apart by their shape: a file may lie anywhere and have any name. */
import fs from 'node:fs'
import path from 'node:path'
import type { Engine } from '../src/testing/engine.ts'
import { isPrecompileVectors, precompileCases } from './precompile-test.ts'
import { isStateFixture, stateCases } from './state-test.ts'
import { FixtureError } from './values.ts'
import { type Case, skipped } from './verdict.ts'
import { isVmFixture, runVmTest } from './vm-test.ts'

/** All JSON files under `paths`, in order, each once. */
export function filesUnder(paths: readonly string[]): string[] {
  const found = new Set<string>()
  for (const given of paths) {
    if (!fs.existsSync(given)) throw new FixtureError(`There is nothing at ${given}`)
    if (!fs.statSync(given).isDirectory()) found.add(given)
    else for (const file of jsonFilesIn(given)) found.add(file)
  }
  return [...found].sort()
}

/** The cases of one file. Throws a FixtureError where it is no JSON. */
export function casesOf(file: string, engine: Engine): Case[] {
  const content = parse(file)
  if (isPrecompileVectors(content)) return precompileCases(file, content)
  const isTests = typeof content === 'object' && content !== null && !Array.isArray(content)
  const cases = isTests ? Object.entries(content).flatMap(([name, value]) => casesOfEntry(name, value, engine)) : []
  return cases.length > 0 ? cases : [{ name: '', run: () => skipped('a file without tests') }]
}

function casesOfEntry(name: string, value: unknown, engine: Engine): Case[] {
  if (typeof value === 'object' && value !== null) {
    if (isStateFixture(value)) return stateCases(name, value, engine)
    if (isVmFixture(value)) return [{ name, run: () => runVmTest(value, engine) }]
    if ('blocks' in value) return [{ name, run: () => skipped('a test of whole blocks') }]
  }
  return [{ name, run: () => skipped('of no shape that this runner knows') }]
}

function jsonFilesIn(folder: string): string[] {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => path.join(entry.parentPath, entry.name))
}

function parse(file: string): unknown {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'))
  } catch (error) {
    throw new FixtureError(`${file} is no JSON: ${(error as Error).message}`)
  }
}
