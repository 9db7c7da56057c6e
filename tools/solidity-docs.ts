// Finds what the NatSpec of a contract leaves out: whoever reads a function, an event or an error in an interface learns
// what each parameter and each returned value is, in which unit.

type Parameters = { parameters: { name: string }[] }

/** What this reads of the compiler's syntax tree. */
type Node = {
  nodeType: string
  src: string
  name: string
  kind?: string
  visibility?: string
  documentation?: { text: string } | null
  baseFunctions?: number[]
  parameters?: Parameters
  returnParameters?: Parameters
}

/** A file's syntax tree. */
export type Source = { nodes: (Node & { nodes?: Node[] })[] }

const VISIBLE = new Set(['external', 'public'])

/** What the documentation of `ast`'s contracts misses, each as { at, what }; `at` is the byte in the file where the item stands. */
export function docFaults(ast: Source): { at: number; what: string }[] {
  const items = ast.nodes
    .filter(({ nodeType }) => nodeType === 'ContractDefinition')
    .flatMap((contract) => (contract.nodes ?? []).filter(isSeenOutside).map((node) => ({ contract, node })))
  return items.flatMap(({ contract, node }) => {
    const at = Number.parseInt(node.src, 10)
    return missingIn(node).map((what) => ({ at, what: `${contract.name}.${node.name || node.kind} ${what}` }))
  })
}

function isSeenOutside(node: Node): boolean {
  if (node.nodeType === 'EventDefinition' || node.nodeType === 'ErrorDefinition') return true
  // What implements or overrides has the words of what it implements.
  if ((node.baseFunctions ?? []).length > 0) return false
  if (node.nodeType === 'VariableDeclaration') return node.visibility === 'public'
  if (node.nodeType !== 'FunctionDefinition') return false
  const hasParameters = (node.parameters?.parameters ?? []).length > 0
  return node.kind === 'constructor' ? hasParameters : VISIBLE.has(node.visibility ?? '')
}

function missingIn(node: Node): string[] {
  const text = node.documentation?.text ?? ''
  const missing = isDescribed(text) || node.kind === 'constructor' ? [] : ['has no description']
  for (const { name } of node.parameters?.parameters ?? []) {
    if (name === '') missing.push('has a parameter without a name')
    else if (!new RegExp(`@param ${name}\\s+\\S`).test(text)) missing.push(`has no @param ${name}`)
  }
  const returned = node.returnParameters?.parameters ?? []
  const told = text.match(/@return\s+\S/g)?.length ?? 0
  if (told < returned.length) missing.push(`has ${told} @return of ${returned.length}`)
  return missing
}

/** A tag without text documents nothing; text before the first tag is a @notice. */
function isDescribed(text: string): boolean {
  return /^\s*[^\s@]/.test(text) || /@(?:notice|dev)\s+[^\s@]/.test(text)
}
