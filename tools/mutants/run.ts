/** Tries mutants: builds each, asks the tests, and says what came of it. */
import type { Compiler } from './compiler.ts'
import type { Equivalent } from './equivalent.ts'
import { isListed } from './equivalent.ts'
import { type Mutant, mutated } from './generate.ts'
import { type Bytecode, build, type Contract, type Project } from './project.ts'
import type { Outcome, Result } from './report.ts'
import { stagesOf } from './stages.ts'
import type { Workspace } from './workspace.ts'

/** Where one mutant at a time is built and tested. */
export type Bench = { workspace: Workspace; compiler: Compiler }

export type Parts = {
  project: Project
  settings: object
  equivalents: readonly Equivalent[]
  /** One for each mutant that is tried at the same time. */
  benches: readonly Bench[]
  /** Called with each result as it comes. */
  onResult: (result: Result) => void
}

/** Tries mutants in their order until `count` of them compiled. */
export async function tryMutants(mutants: readonly Mutant[], count: number, parts: Parts): Promise<Result[]> {
  const results: Result[] = []
  const waiting = [...mutants]
  let wanted = count
  await Promise.all(
    parts.benches.map(async (bench) => {
      while (wanted > 0) {
        const mutant = waiting.shift()
        if (!mutant) return
        // One that does not compile gives its place back.
        wanted--
        const started = performance.now()
        const outcome = await outcomeOf(mutant, bench, parts)
        if (outcome.state === 'invalid') wanted++
        const result = { mutant, outcome, seconds: (performance.now() - started) / 1000 }
        results.push(result)
        parts.onResult(result)
      }
    }),
  )
  return results
}

async function outcomeOf(mutant: Mutant, { workspace, compiler }: Bench, parts: Parts): Promise<Outcome> {
  const { project, settings } = parts
  const listed = parts.equivalents.find((entry) => isListed(mutant, entry))
  if (listed) return { state: 'equivalent', reason: listed.reason }
  const source = project.sources.get(mutant.file)
  if (!source) throw new Error(`${mutant.file} is not among the sources`)
  const changed = new Map([[mutant.file, mutated(source, mutant.edit)]])
  const originals = new Map<Contract, Bytecode>()
  try {
    let differs = false
    for (const { contracts, tests } of stagesOf(mutant, project)) {
      const built = await build(project, contracts, changed, settings, compiler)
      if (!built.ok) return { state: 'invalid' }
      for (const { contract } of built.bytecodes) originals.set(contract, workspace.bytecode(contract))
      differs ||= built.bytecodes.some(({ contract, creation }) => creation !== originals.get(contract)?.creation)
      workspace.install(built.bytecodes)
      const { failed } = differs ? await workspace.test(tests) : { failed: undefined }
      if (failed !== undefined) return { state: 'killed', by: failed }
    }
    return differs ? { state: 'survived' } : { state: 'equivalent', reason: 'the compiler makes the same code of it' }
  } finally {
    workspace.install([...originals.values()])
  }
}
