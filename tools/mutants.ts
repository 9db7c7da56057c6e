/**
 * `npm run mutants`: do the contracts' tests notice mistakes in the contracts?
 *
 * Makes small mistakes in the source, one at a time, and runs the tests against each until one fails. A mistake that no test
 * notices has survived: either a test is missing, or the mistake changes nothing (then tools/mutants/equivalent.json says why).
 */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { Compiler } from './mutants/compiler.ts'
import { readEquivalents, requireFresh } from './mutants/equivalent.ts'
import { type Mutant, mutantsOf, spread } from './mutants/generate.ts'
import { DEFAULT_OPERATORS, OPERATORS, type Operator } from './mutants/operators.ts'
import { build, type Contract, loadProject, type Project, readSources } from './mutants/project.ts'
import { lineOf, type Result, reportOf, titleOf } from './mutants/report.ts'
import { type Bench, tryMutants } from './mutants/run.ts'
import { testFolders } from './mutants/stages.ts'
import type { Node } from './mutants/syntax.ts'
import { Workspace } from './mutants/workspace.ts'

const ROOT = path.join(import.meta.dirname, '..')
/** Of this run alone, and gone with it. */
const FOLDER = path.join(ROOT, `contracts/out/mutants/${process.pid}`)
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
  --list            names them, and tries none
  --help            shows this`

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
      help: { type: 'boolean', default: false },
    },
  })
  const { all, seed, file: files, match, list, help } = values
  const count = all ? Number.POSITIVE_INFINITY : wholeNumber('--count', values.count, DEFAULT_COUNT)
  const jobs = wholeNumber('--jobs', values.jobs, Math.min(2, os.availableParallelism()))
  const operators: string[] = values.operators?.split(',') ?? [...DEFAULT_OPERATORS]
  const unknown = operators.find((name) => !OPERATORS.includes(name as Operator))
  if (unknown !== undefined) throw new Error(`--operators: "${unknown}" is none. Known: ${OPERATORS.join(', ')}.`)
  return { count, seed, files, match, operators, jobs, list, help }
}

function wholeNumber(option: string, given: string | undefined, otherwise: number): number {
  if (given === undefined) return otherwise
  if (!/^[1-9]\d*$/.test(given)) throw new Error(`${option}: "${given}" is not a whole number from 1 on.`)
  return Number(given)
}

async function main(options: Options): Promise<boolean> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130))
  process.once('exit', () => fs.rmSync(FOLDER, { recursive: true, force: true }))
  const workspace = Workspace.create(ROOT, path.join(FOLDER, '0'))
  console.log('Building the contracts …')
  await workspace.build()
  const settings = workspace.settings(MAIN)
  const bench: Bench = { workspace, compiler: new Compiler() }
  const project = await loadProject(readSources(ROOT), settings, bench.compiler)
  const all = [...project.trees].flatMap(([file, tree]) => ownMutants(file, tree, project))
  const equivalents = readEquivalents()
  requireFresh(equivalents, all)
  const chosen = spread(chosenOf(all, options), options.seed)
  if (chosen.length === 0) throw new Error('No mutant is left: look at --file, --match and --operators.')
  const total = Math.min(options.count, chosen.length)
  if (options.list) {
    for (const mutant of chosen.slice(0, total)) console.log(titleOf(mutant))
    return true
  }

  await requireSameCode(project, settings, bench)
  console.log(`Running the tests without a mutant, then with ${total} of ${chosen.length}; seed ${options.seed} …`)
  await requireGreen(project, workspace)
  const benches = [bench, ...copiesOf(bench, options.jobs - 1)]
  let done = 0
  const onResult = (result: Result) => {
    const place = result.outcome.state === 'invalid' ? '' : `${++done}/${total}`
    console.log(`${place.padStart(8)} ${lineOf(result)}`)
  }
  const results = await tryMutants(chosen, options.count, { project, settings, equivalents, benches, onResult })
  console.log(`\n${reportOf(results)}`)
  return results.every(({ outcome }) => outcome.state !== 'survived')
}

function copiesOf({ workspace }: Bench, count: number): Bench[] {
  const folders = Array.from({ length: count }, (_, i) => path.join(FOLDER, `${i + 1}`))
  return folders.map((folder) => ({ workspace: workspace.copy(folder), compiler: new Compiler() }))
}

function ownMutants(file: string, tree: Node, project: Project): Mutant[] {
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
async function requireSameCode(project: Project, settings: object, { workspace, compiler }: Bench): Promise<void> {
  const built = await build(project, [MAIN], new Map(), settings, compiler)
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
if (options.help) {
  console.log(USAGE)
  process.exit(0)
}
process.exit((await main(options).catch(stop)) ? 0 : 1)
