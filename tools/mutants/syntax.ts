/**
 * The Solidity compiler's syntax tree, as mutants need it: nodes with the place of their text.
 *
 * Places are bytes of the file's UTF-8, as the compiler counts them.
 */

/** What all nodes have. Further properties depend on `nodeType`; the compiler's documentation lists none of them. */
export type Node = { nodeType: string; src: string; id?: number; [property: string]: unknown }

export type Span = { start: number; end: number }

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'nodeType' in value && 'src' in value
}

export function spanOf({ src }: Node): Span {
  const [start = 0, length = 0] = src.split(':').map(Number)
  return { start, end: start + length }
}

/** Nodes directly below, in the order of the text. */
export function childrenOf(node: Node): Node[] {
  const found = Object.values(node).flatMap((value) => (Array.isArray(value) ? value : [value]).filter(isNode))
  return found.sort((a, b) => spanOf(a).start - spanOf(b).start)
}

/** The node and all below it. */
export function* nodesIn(node: Node): Generator<Node> {
  yield node
  for (const child of childrenOf(node)) yield* nodesIn(child)
}

export const child = (node: Node, property: string): Node | undefined => {
  const value = node[property]
  return isNode(value) ? value : undefined
}

export const nodesOf = (node: Node, property: string): Node[] => {
  const value = node[property]
  return Array.isArray(value) ? value.filter(isNode) : []
}

export const text = (node: Node | undefined, property: string): string => {
  const value = node?.[property]
  return typeof value === 'string' ? value : ''
}

/** The compiler's name for the type of an expression; empty where it has none. */
export function typeOf(node: Node): string {
  const types = node.typeDescriptions
  return typeof types === 'object' && types !== null && 'typeIdentifier' in types ? `${types.typeIdentifier}` : ''
}
