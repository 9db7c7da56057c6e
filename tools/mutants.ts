/**
 * `npm run mutants`: do the contracts' tests notice mistakes in the contracts?
 *
 * Makes small mistakes in the source, one at a time, and runs the tests against each until one fails. A mistake that no test
 * notices has survived: either a test is missing, or the mistake changes nothing (then tools/mutants/equivalent.json says why).
 */
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { readEquivalents, requireFresh } from './mutants/equivalent.ts'
import { type Mutant, mutantsOf, spread } from './mutants/generate.ts'
import { DEFAULT_OPERATORS, OPERATORS, type Operator } from './mutants/operators.ts'
import { build, type Contract, loadProject, type Project, readSources } from './mutants/project.ts'
import { lineOf, reportOf, titleOf } from './mutants/report.ts'
import { tryMutants } from './mutants/run.ts'
import { testFolders } from './mutants/stages.ts'
import { Workspace } from './mutants/workspace.ts'

const ROOT = path.join(import.meta.dirname, '..')
const FOLDER = path.join(ROOT, 'contracts/out/mutants')
const DEFAULT_COUNT = 60
/** Deployed by the name of its artefact in all tests: the one whose settings count. */
const MAIN: Contract = { file: 'contracts/src/Enigma.sol', name: 'Enigma' }
const USAGE = `npm run mutants -- [options]
  --count N         how many mutants to try (${DEFAULT_COUNT})
  --all             all of them
  --seed S          which (1): the same seed chooses the same mutants, as long as their lines are the same
  --file TEXT       of source files whose path contains TEXT; may be repeated (all but attestation/)
  --match TEXT      where the function's name or the line contains TEXT
  --operators A,B   of these kinds: ${OPERATORS.join(', ')}
                    (all but error and event)
  --jobs N          how many at the same time (2)
  --list            names them, and tries none`

type Options = ReturnType<typeof optionsOf>

function optionsOf(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      count: { type: 'string' },
      all: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      file: { type: 'string', multiple: true },
      match: { type: 'string' },
      operators: { type: 'string' },
      jobs: { type: 'string' },
      list: { type: 'boolean', default: false },
    },
  })
  const { all, seed, file: files, match, list } = values
  const count = all ? Number.POSITIVE_INFINITY : wholeNumber('--count', values.count, DEFAULT_COUNT)
  const jobs = wholeNumber('--jobs', values.jobs, Math.min(2, os.availableParallelism()))
  const operators: string[] = values.operators?.split(',') ?? [...DEFAULT_OPERATORS]
  const unknown = operators.find((name) => !OPERATORS.includes(name as Operator))
  if (unknown !== undefined) throw new Error(`--operators: "${unknown}" is none. Known: ${OPERATORS.join(', ')}.`)
  return { count, seed, files, match, operators, jobs, list }
}

function wholeNumber(option: string, given: string | undefined, otherwise: number): number {
  if (given === undefined) return otherwise
  if (!/^[1-9]\d*$/.test(given)) throw new Error(`${option}: "${given}" is not a whole number from 1 on.`)
  return Number(given)
}

async function main(options: Options): Promise<boolean> {
  const sources = readSources(ROOT)
  const workspace = Workspace.create(ROOT, path.join(FOLDER, '0'))
  console.log('Building the contracts …')
  await workspace.build()
  const settings = workspace.settings(MAIN)
  const project = await loadProject(sources, settings)
  const all = [...project.trees].flatMap(([file, tree]) => ownMutants(file, tree, project))
  const equivalents = readEquivalents()
  requireFresh(equivalents, all)
  const chosen = spread(chosenOf(all, options), options.seed)
  if (chosen.length === 0) throw new Error('No mutant is left: look at --file, --match and --operators.')
  if (options.list) {
    for (const mutant of chosen.slice(0, options.count)) console.log(titleOf(mutant))
    return true
  }

  await requireSameCode(project, settings, workspace)
  const total = Math.min(options.count, chosen.length)
  console.log(`Running the tests without a mutant, then ${total} of ${all.length} mutants; seed ${options.seed} …`)
  await requireGreen(project, workspace)
  const copies = Array.from({ length: options.jobs - 1 }, (_, i) => workspace.copy(path.join(FOLDER, `${i + 1}`)))
  const workspaces = [workspace, ...copies]
  process.once('SIGINT', () => {
    for (const each of workspaces) each.stop()
    process.exit(130)
  })
  let done = 0
  const results = await tryMutants(chosen, options.count, {
    project,
    settings,
    equivalents,
    workspaces,
    onResult: (result) => {
      if (result.outcome.state !== 'invalid') console.log(`${`${++done}`.padStart(4)}/${total} ${lineOf(result)}`)
    },
  })
  console.log(`\n${reportOf(results)}`)
  return results.every(({ outcome }) => outcome.state !== 'survived')
}

function ownMutants(
  file: string,
  tree: Project['trees'] extends ReadonlyMap<string, infer T> ? T : never,
  project: Project,
): Mutant[] {
  const source = project.sources.get(file)
  return file.startsWith('contracts/src/') && source ? mutantsOf(file, source, tree) : []
}

function chosenOf(mutants: readonly Mutant[], { files, match, operators }: Options): Mutant[] {
  return mutants.filter(({ file, scope, before, operator }) => {
    const isFile = files ? files.some((name) => file.includes(name)) : !file.includes('/attestation/')
    const isMatch = match === undefined || scope.includes(match) || before.includes(match)
    return isFile && isMatch && operators.includes(operator)
  })
}

/** Else every mutant would differ from what was tested, and not by its mistake. */
async function requireSameCode(project: Project, settings: object, workspace: Workspace): Promise<void> {
  const built = await build(project, [MAIN], new Map(), settings)
  if (built.ok && built.bytecodes[0]?.creation === workspace.bytecode(MAIN).creation) return
  throw new Error(`What is compiled here is not what Forge compiles${built.ok ? '' : `: ${built.message}`}.`)
}

async function requireGreen(project: Project, workspace: Workspace): Promise<void> {
  for (const files of testFolders(project)) {
    const { failed } = await workspace.test(files)
    if (failed !== undefined) throw new Error(`The tests fail without a mutant: ${failed}. Mend that first.`)
  }
}

function stop(error: unknown, hint = ''): never {
  console.error(`${error instanceof Error ? error.message : error}${hint}`)
  process.exit(2)
}

let options: Options
try {
  options = optionsOf(process.argv.slice(2))
} catch (error) {
  stop(error, `\n\n${USAGE}`)
}
process.exit((await main(options).catch(stop)) ? 0 : 1)
