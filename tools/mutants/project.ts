/**
 * The contracts and their tests as the compiler sees them: which code reaches into which contract, and how to build it.
 *
 * A mutant is built and run without Forge's compiler: the few contracts that its code reaches are compiled, and their bytecode
 * is put into the artefacts that Forge reads. That takes seconds, where Forge would compile every file that imports the
 * changed one, which are nearly all.
 */
import fs from 'node:fs'
import path from 'node:path'
import { type Compiler, errorsOf } from './compiler.ts'
import { type Node, nodesIn, nodesOf, text } from './syntax.ts'

export type Contract = { file: string; name: string }

export type Project = {
  sources: ReadonlyMap<string, Buffer>
  trees: ReadonlyMap<string, Node>
  /** What is in the bytecode of each contract that can be deployed: ids of definitions. */
  reached: ReadonlyMap<Contract, ReadonlySet<number>>
  /** Contracts that a test file deploys by the name of their artefact. */
  deployedBy: (testFile: string) => Contract[]
}

export type Bytecode = { contract: Contract; creation: string; runtime: string }
export type Built = { ok: true; bytecodes: Bytecode[] } | { ok: false; message: string }

const SOURCES = ['contracts/src/**/*.sol', 'contracts/test/**/*.sol', 'examples/*/*.sol']

/** Reads all sources below `root`. */
export function readSources(root: string): Map<string, Buffer> {
  const files = fs.globSync(SOURCES, { cwd: root }).sort()
  return new Map(files.map((file) => [file, fs.readFileSync(path.join(root, file))]))
}

/** Parses and relates them. Throws the compiler's message if they do not compile. */
export async function loadProject(
  sources: ReadonlyMap<string, Buffer>,
  settings: object,
  compiler: Compiler,
): Promise<Project> {
  const answer = await compiler.compile(toText(sources), { ...settings, outputSelection: { '*': { '': ['ast'] } } })
  const [error] = errorsOf(answer)
  if (error !== undefined) throw new Error(`The contracts do not compile: ${error}`)
  const trees = new Map(Object.entries(answer.sources ?? {}).map(([file, { ast }]) => [file, ast]))
  const reached = reachOf(trees)
  const imports = importsOf(trees)
  const deployedBy = (testFile: string) => {
    const code = [...closure(testFile, imports)].map((file) => sources.get(file)?.toString('utf8') ?? '').join('\n')
    const names = [...code.matchAll(/(?:getCode|deployCode)\("([^":]+):([^"]+)"/g)]
    return [...reached.keys()].filter(({ file, name }) =>
      names.some(([, base, wanted]) => path.basename(file) === base && name === wanted),
    )
  }
  return { sources, trees, reached, deployedBy }
}

/** Builds some contracts of these sources. */
export async function build(
  project: Project,
  contracts: readonly Contract[],
  changed: ReadonlyMap<string, string>,
  settings: object,
  compiler: Compiler,
): Promise<Built> {
  // Without a source the compiler calls the request a mistake.
  if (contracts.length === 0) return { ok: true, bytecodes: [] }
  const imports = importsOf(project.trees)
  const needed = new Set(contracts.flatMap(({ file }) => [...closure(file, imports)]))
  const texts = toText(new Map([...project.sources].filter(([file]) => needed.has(file))))
  for (const [file, text] of changed) if (needed.has(file)) texts.set(file, text)
  const selection: Record<string, Record<string, string[]>> = {}
  for (const { file, name } of contracts) {
    selection[file] = { ...selection[file], [name]: ['evm.bytecode.object', 'evm.deployedBytecode.object'] }
  }
  const answer = await compiler.compile(texts, { ...settings, outputSelection: selection })
  const [error] = errorsOf(answer)
  if (error !== undefined) return { ok: false, message: error }
  const bytecodes = contracts.map((contract) => {
    const evm = answer.contracts?.[contract.file]?.[contract.name]?.evm
    return { contract, creation: evm?.bytecode?.object ?? '', runtime: evm?.deployedBytecode?.object ?? '' }
  })
  return { ok: true, bytecodes }
}

function toText(sources: ReadonlyMap<string, Buffer>): Map<string, string> {
  return new Map([...sources].map(([file, source]) => [file, source.toString('utf8')]))
}

function importsOf(trees: ReadonlyMap<string, Node>): Map<string, string[]> {
  return new Map(
    [...trees].map(([file, tree]) => [
      file,
      nodesOf(tree, 'nodes')
        .filter(({ nodeType }) => nodeType === 'ImportDirective')
        .map((node) => text(node, 'absolutePath')),
    ]),
  )
}

function closure<T>(from: T, next: ReadonlyMap<T, Iterable<T>>, seen = new Set<T>()): Set<T> {
  if (seen.has(from)) return seen
  seen.add(from)
  for (const to of next.get(from) ?? []) closure(to, next, seen)
  return seen
}

/**
 * Which definitions the bytecode of each contract holds. A contract holds its own and its bases' members, and of those that it
 * creates everything; a member holds the free functions, library functions and constants that it names. That it names another
 * contract's function, to call it, holds nothing.
 */
function reachOf(trees: ReadonlyMap<string, Node>): Map<Contract, ReadonlySet<number>> {
  const links = new Map<number, number[]>()
  const called = new Set<number>()
  const deployable: { contract: Contract; id: number }[] = []
  for (const [file, tree] of trees) {
    for (const node of nodesOf(tree, 'nodes')) {
      if (node.nodeType !== 'ContractDefinition') {
        links.set(idOf(node), referencesIn(node))
        continue
      }
      const members = nodesOf(node, 'nodes')
      for (const member of members) links.set(idOf(member), referencesIn(member))
      if (text(node, 'contractKind') === 'library') continue
      for (const member of members) called.add(idOf(member))
      links.set(idOf(node), [
        ...idsIn(node.contractDependencies),
        ...idsIn(node.linearizedBaseContracts),
        ...members.map(idOf),
      ])
      called.add(idOf(node))
      if (text(node, 'contractKind') !== 'contract' || node.abstract === true) continue
      deployable.push({ contract: { file, name: text(node, 'name') }, id: idOf(node) })
    }
  }
  const contracts = new Set(
    [...trees.values()]
      .flatMap((tree) => nodesOf(tree, 'nodes'))
      .filter(isContract)
      .map(idOf),
  )
  for (const [from, to] of links)
    if (!contracts.has(from))
      links.set(
        from,
        to.filter((id) => !called.has(id)),
      )
  return new Map(deployable.map(({ contract, id }) => [contract, closure(id, links)]))
}

const idOf = ({ id = -1 }: Node): number => id
const idsIn = (value: unknown): number[] => (Array.isArray(value) ? value.map(Number) : [])
const isContract = ({ nodeType }: Node): boolean => nodeType === 'ContractDefinition'

function referencesIn(definition: Node): number[] {
  const found: number[] = []
  for (const node of nodesIn(definition)) {
    if (typeof node.referencedDeclaration === 'number') found.push(node.referencedDeclaration)
  }
  return found
}
