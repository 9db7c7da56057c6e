/** Makes the mutants of a source file: each is the file with one edit, and a name that survives a move to another line. */
import { createHash } from 'node:crypto'
import { type Context, type Edit, editsOf, type Operator } from './operators.ts'
import { childrenOf, type Node, nodesOf, text, typeOf } from './syntax.ts'

export type Mutant = {
  file: string
  /** From 1. */
  line: number
  /** The function, modifier or constant that is changed. */
  scope: string
  /** The compiler's id of its declaration. */
  definition: number
  operator: Operator
  /** What is replaced. */
  was: string
  /** The lines that the edit touches, in one, without and with it: what names the mutant, with `scope`. */
  before: string
  after: string
  edit: Edit
}

type Place = { scope: string; definition: number; operator?: Operator; constants: Context['constants'] }

/** All mutants of a file, in the order of its text. `tree` is the compiler's for `source`. */
export function mutantsOf(file: string, source: Buffer, tree: Node): Mutant[] {
  const found: Mutant[] = []
  walk(tree, { scope: '', definition: -1, constants: constantsOf(tree) })
  return found.sort((a, b) => a.edit.start - b.edit.start)

  function walk(node: Node, place: Place): void {
    const here = placeAt(node, place)
    if (here.definition !== -1) {
      for (const edit of editsOf(node, { source, constants: here.constants })) {
        found.push(mutant(here, { ...edit, operator: here.operator ?? edit.operator }))
      }
    }
    for (const below of codeBelow(node)) walk(below, here)
  }

  function mutant({ scope, definition }: Place, edit: Edit): Mutant {
    const [before, after] = linesOf(source, edit)
    const line = source.toString('latin1', 0, edit.start).split('\n').length
    const was = oneLine(source.toString('utf8', edit.start, edit.end))
    return { file, line, scope, definition, operator: edit.operator, was, before, after, edit }
  }
}

/** The file's text with the edit made. */
export function mutated(source: Buffer, { start, end, replacement }: Edit): string {
  return source.toString('utf8', 0, start) + replacement + source.toString('utf8', end)
}

/** Puts mutants into an order that depends on the seed and their names alone, so that each function has its turn before any has two. */
export function spread(mutants: readonly Mutant[], seed: string): Mutant[] {
  const rank = (...name: string[]) =>
    createHash('sha256')
      .update([seed, ...name].join('\0'))
      .digest('hex')
  const groups = [...Map.groupBy(mutants, ({ file, scope }) => `${file} ${scope}`)].map(([name, group]) => ({
    rank: rank(name),
    mutants: group
      .map((mutant) => ({ rank: rank(mutant.scope, mutant.operator, mutant.before, mutant.after), mutant }))
      .sort(byRank)
      .map(({ mutant }) => mutant),
  }))
  groups.sort(byRank)
  const rounds = Math.max(0, ...groups.map((group) => group.mutants.length))
  return Array.from({ length: rounds }, (_, round) => groups.flatMap((group) => group.mutants[round] ?? [])).flat()
}

function byRank(a: { rank: string }, b: { rank: string }): number {
  return a.rank < b.rank ? -1 : 1
}

function placeAt(node: Node, place: Place): Place {
  const id = node.id ?? -1
  switch (node.nodeType) {
    case 'ContractDefinition':
      return { ...place, constants: constantsOf(node) }
    case 'FunctionDefinition':
      // Immutables are given their values there: one in place of another is no Solidity.
      if (text(node, 'kind') === 'constructor') return { scope: 'constructor', definition: id, constants: new Map() }
      return { ...place, scope: text(node, 'name'), definition: id }
    case 'ModifierDefinition':
      return { ...place, scope: text(node, 'name'), definition: id }
    case 'VariableDeclaration':
      return node.constant === true ? { ...place, scope: text(node, 'name'), definition: id } : place
    case 'RevertStatement':
      return { ...place, operator: 'error' }
    case 'EmitStatement':
      return { ...place, operator: 'event' }
    default:
      return place
  }
}

/** Types and parameter lists hold no code. */
function codeBelow(node: Node): Node[] {
  const skipped = new Set(['ParameterList', 'ArrayTypeName', 'ElementaryTypeName', 'Mapping', 'UserDefinedTypeName'])
  return childrenOf(node).filter(({ nodeType }) => !skipped.has(nodeType))
}

function constantsOf(contract: Node): Context['constants'] {
  const declared = nodesOf(contract, 'nodes').filter(
    (node) => node.nodeType === 'VariableDeclaration' && ['constant', 'immutable'].includes(text(node, 'mutability')),
  )
  return new Map(declared.map((node) => [node.id ?? -1, { name: text(node, 'name'), type: typeOf(node) }]))
}

function linesOf(source: Buffer, { start, end, replacement }: Edit): [string, string] {
  const from = source.lastIndexOf('\n', start - 1) + 1
  const to = source.indexOf('\n', end) === -1 ? source.length : source.indexOf('\n', end)
  const [head, tail] = [source.toString('utf8', from, start), source.toString('utf8', end, to)]
  return [oneLine(source.toString('utf8', from, to)), oneLine(head + replacement + tail)]
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
