/**
 * What is changed: each operator looks at one node and proposes edits, which are mistakes that a person could make.
 *
 * Mutants that no type checker lets pass are proposed too; the run leaves them out.
 */
import { child, type Node, nodesOf, type Span, spanOf, text, typeOf } from './syntax.ts'

export const OPERATORS = [
  'guard',
  'condition',
  'comparison',
  'arithmetic',
  'logic',
  'shift',
  'bits',
  'statement',
  'modifier',
  'argument',
  'constant',
  'literal',
  'unchecked',
  'assembly',
  'error',
  'event',
] as const
export type Operator = (typeof OPERATORS)[number]

/** What an error or an event says is not what the contract does: such mutants are made on demand. */
export const DEFAULT_OPERATORS: readonly Operator[] = OPERATORS.filter((name) => name !== 'error' && name !== 'event')

export type Edit = Span & { operator: Operator; replacement: string }

/** What an operator may ask about the surroundings of a node. */
export type Context = {
  source: Buffer
  /** Constants and immutables of the contract at hand, by their declarations' ids. */
  constants: ReadonlyMap<number, { name: string; type: string }>
}

type Rule = (node: Node, context: Context) => Edit[]

const BINARY: Readonly<Record<string, readonly [Operator, ...string[]]>> = {
  '<': ['comparison', '<='],
  '<=': ['comparison', '<'],
  '>': ['comparison', '>='],
  '>=': ['comparison', '>'],
  '==': ['comparison', '!='],
  '!=': ['comparison', '=='],
  '+': ['arithmetic', '-'],
  '-': ['arithmetic', '+'],
  '*': ['arithmetic', '/'],
  '/': ['arithmetic', '*'],
  '%': ['arithmetic', '/'],
  '**': ['arithmetic', '*'],
  '&&': ['logic', '||'],
  '||': ['logic', '&&'],
  '&': ['bits', '|'],
  '|': ['bits', '&'],
  '^': ['bits', '|'],
  '<<': ['shift', '>>'],
  '>>': ['shift', '<<'],
}

const ASSIGNED: Readonly<Record<string, readonly [Operator, string]>> = {
  '+=': ['arithmetic', '-='],
  '-=': ['arithmetic', '+='],
  '|=': ['bits', '='],
  '&=': ['bits', '='],
  '^=': ['bits', '='],
}

const YUL: Readonly<Record<string, string>> = { shl: 'shr', shr: 'shl', add: 'sub', sub: 'add', and: 'or', or: 'and' }

const RULES: Readonly<Record<string, Rule>> = {
  IfStatement: onIf,
  Conditional: (node) => ofCondition(child(node, 'condition'), 'condition'),
  BinaryOperation: onBinary,
  Assignment: onAssignment,
  UnaryOperation: onUnary,
  ExpressionStatement: (node, { source }) => deleted(node, source, 'statement'),
  EmitStatement: (node, { source }) => deleted(node, source, 'event'),
  ModifierInvocation: (node) =>
    text(node, 'kind') === 'modifierInvocation' ? [{ ...spanOf(node), operator: 'modifier', replacement: '' }] : [],
  FunctionCall: onCall,
  Identifier: onIdentifier,
  Literal: onLiteral,
  UncheckedBlock: (node) => {
    const { start } = spanOf(node)
    return [{ start, end: start + 'unchecked'.length, operator: 'unchecked', replacement: '' }]
  },
  YulFunctionCall: onYulCall,
  YulLiteral: (node) => incremented(node, 'assembly'),
}

/** The edits that one node invites, not those of the nodes below. */
export function editsOf(node: Node, context: Context): Edit[] {
  return RULES[node.nodeType]?.(node, context) ?? []
}

/** Whether all that a statement does is to revert. */
function isRefusal(node: Node | undefined): boolean {
  if (!node) return false
  if (node.nodeType === 'Block')
    return nodesOf(node, 'statements').length === 1 && nodesOf(node, 'statements').every(isRefusal)
  if (node.nodeType === 'RevertStatement') return true
  const call = child(node, 'expression')
  return node.nodeType === 'ExpressionStatement' && !!call && text(child(call, 'expression'), 'name') === 'revert'
}

function onIf(node: Node): Edit[] {
  const condition = child(node, 'condition')
  if (isRefusal(child(node, 'trueBody')) && !child(node, 'falseBody') && condition) {
    return [{ ...spanOf(condition), operator: 'guard', replacement: 'false' }]
  }
  return ofCondition(condition, 'condition')
}

function ofCondition(condition: Node | undefined, operator: Operator): Edit[] {
  if (!condition) return []
  return ['true', 'false'].map((replacement) => ({ ...spanOf(condition), operator, replacement }))
}

function onBinary(node: Node, { source }: Context): Edit[] {
  const [left, right] = [child(node, 'leftExpression'), child(node, 'rightExpression')]
  const [operator, ...replacements] = BINARY[text(node, 'operator')] ?? []
  if (!left || !right || !operator) return []
  const place = placeOf(text(node, 'operator'), source, spanOf(left).end, spanOf(right).start)
  return replacements.map((replacement) => ({ ...place, operator, replacement }))
}

function onAssignment(node: Node, { source }: Context): Edit[] {
  const [left, right] = [child(node, 'leftHandSide'), child(node, 'rightHandSide')]
  const [operator, replacement] = ASSIGNED[text(node, 'operator')] ?? []
  if (!left || !right || !operator || replacement === undefined) return []
  return [{ ...placeOf(text(node, 'operator'), source, spanOf(left).end, spanOf(right).start), operator, replacement }]
}

function onUnary(node: Node, { source }: Context): Edit[] {
  const [sign, { start, end }] = [text(node, 'operator'), spanOf(node)]
  const isPrefix = node.prefix === true
  const place = isPrefix ? { start, end: start + sign.length } : { start: end - sign.length, end }
  if (sign === '!') return [{ ...place, operator: 'logic', replacement: '' }]
  if (sign === '~') return [{ ...place, operator: 'bits', replacement: '' }]
  if (sign === '++') return [{ ...place, operator: 'arithmetic', replacement: '--' }]
  if (sign === '--') return [{ ...place, operator: 'arithmetic', replacement: '++' }]
  if (sign === 'delete') return deleted(node, source, 'statement')
  return []
}

/** Between two operands there is only their operator, and perhaps a comment. */
function placeOf(sign: string, source: Buffer, from: number, to: number): Span {
  const between = source.toString('latin1', from, to)
  const bare = between.replace(/\/\/.*|\/\*[\s\S]*?\*\//g, (comment) => ' '.repeat(comment.length))
  const start = from + bare.indexOf(sign)
  return { start, end: start + sign.length }
}

/** The statement with its semicolon; a refusal is a guard's. The last part of a `for` has no semicolon and stays. */
function deleted(node: Node, source: Buffer, operator: Operator): Edit[] {
  if (isRefusal(node)) return []
  const { start, end } = spanOf(node)
  const semicolon = /^\s*;/.exec(source.toString('latin1', end, end + 80))?.[0].length
  return semicolon === undefined ? [] : [{ start, end: end + semicolon, operator, replacement: '{}' }]
}

/** Neighbouring arguments of one type change places. */
function onCall(node: Node, { source }: Context): Edit[] {
  const given = nodesOf(node, 'arguments')
  return given.slice(1).flatMap((second, i): Edit[] => {
    const first = given[i]
    if (!first || typeOf(first) !== typeOf(second) || node.kind === 'typeConversion') return []
    const [a, b] = [spanOf(first), spanOf(second)]
    const [former, latter] = [source.toString('utf8', a.start, a.end), source.toString('utf8', b.start, b.end)]
    if (former === latter) return []
    const replacement = latter + source.toString('utf8', a.end, b.start) + former
    return [{ start: a.start, end: b.end, operator: 'argument', replacement }]
  })
}

/** The contract's next constant of the same type stands in for this one. */
function onIdentifier(node: Node, { constants }: Context): Edit[] {
  const own = constants.get(Number(node.referencedDeclaration))
  if (!own) return []
  const same = [...constants.values()].filter(({ type }) => type === own.type)
  const next = same[(same.indexOf(own) + 1) % same.length]
  return !next || next === own ? [] : [{ ...spanOf(node), operator: 'constant', replacement: next.name }]
}

function onLiteral(node: Node): Edit[] {
  if (text(node, 'kind') === 'bool') {
    return [{ ...spanOf(node), operator: 'literal', replacement: `${text(node, 'value') !== 'true'}` }]
  }
  return text(node, 'kind') === 'number' && !typeOf(node).startsWith('t_address') ? incremented(node, 'literal') : []
}

function incremented(node: Node, operator: Operator): Edit[] {
  const value = text(node, 'value').replaceAll('_', '')
  if (!/^(0x[0-9a-f]{1,38}|\d+)$/i.test(value)) return []
  const unit = text(node, 'subdenomination')
  return [{ ...spanOf(node), operator, replacement: `${BigInt(value) + 1n}${unit ? ` ${unit}` : ''}` }]
}

function onYulCall(node: Node): Edit[] {
  const name = child(node, 'functionName')
  const replacement = YUL[text(name, 'name')]
  return name && replacement ? [{ ...spanOf(name), operator: 'assembly', replacement }] : []
}
