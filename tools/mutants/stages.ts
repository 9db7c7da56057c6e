/** Which tests can notice a mutant, and in which order they are asked: near and cheap ones first, invariants last. */
import type { Mutant } from './generate.ts'
import type { Contract, Project } from './project.ts'

/** Contracts to build with the mutant in them, and test files to run with all that was built until then. */
export type Stage = { contracts: Contract[]; tests: string[] }

/** How many test files a stage builds: few at first, since most mutants die at once. */
const CHUNKS = [1, 2, 4, 8]

export function stagesOf(mutant: Pick<Mutant, 'definition' | 'scope'>, project: Project): Stage[] {
  const holders = [...project.reached]
    .filter(([, reached]) => reached.has(mutant.definition))
    .map(([contract]) => contract)
  const stages: Stage[] = []
  const built = new Set<Contract>()
  for (const files of testFolders(project)) {
    const own = files.filter((file) => holders.some((contract) => contract.file === file))
    const deploying = files.filter((file) => !own.includes(file) && deployed(file).length > 0)
    if (deploying.length > 0) add(deploying)
    for (const chunk of chunks(byRelevance(own, mutant, project))) add(chunk)
  }
  return stages

  function deployed(file: string): Contract[] {
    return project.deployedBy(file).filter((contract) => holders.includes(contract))
  }

  function add(tests: string[]): void {
    const needed = [
      ...new Set(tests.flatMap((file) => [...deployed(file), ...holders.filter((it) => it.file === file)])),
    ]
    const contracts = needed.filter((contract) => !built.has(contract))
    for (const contract of contracts) built.add(contract)
    stages.push({ contracts, tests })
  }
}

/** All test files, in the order of what a failure in them costs to find. */
export function testFolders(project: Pick<Project, 'sources'>): string[][] {
  const files = [...project.sources.keys()].filter((file) => file.endsWith('.t.sol'))
  const costOf = (file: string) =>
    file.includes('/invariant/') ? 3 : file.includes('/examples/') ? 2 : file.includes('/attestation/') ? 1 : 0
  return [0, 1, 2, 3].map((cost) => files.filter((file) => costOf(file) === cost)).filter((folder) => folder.length > 0)
}

/** Files that name the function most often come first. */
function byRelevance(files: readonly string[], { scope }: Pick<Mutant, 'scope'>, project: Project): string[] {
  const name = new RegExp(`\\b${scope}\\b`, 'g')
  const mentions = (file: string) => [...(project.sources.get(file)?.toString('utf8') ?? '').matchAll(name)].length
  return [...files].sort((a, b) => mentions(b) - mentions(a) || (a < b ? -1 : 1))
}

function chunks(files: readonly string[]): string[][] {
  const found: string[][] = []
  for (let start = 0; start < files.length; ) {
    const size = CHUNKS[found.length] ?? 8
    found.push(files.slice(start, start + size))
    start += size
  }
  return found
}
