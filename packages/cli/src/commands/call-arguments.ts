/** A function and its arguments as typed on a command line, by an ABI or by a signature. */
import type { Abi, AbiFunction, AbiParameter } from 'viem'
import { getAbiItem, parseAbiItem, toFunctionSignature } from 'viem'
import { UsageError } from '../arguments.ts'

export type NamedCall = { abi: Abi; functionName: string; args: readonly unknown[] }

/** Finds `name` in `abi`, or takes it as a signature where that is none of the ABI's; reads the arguments by it. */
export function readCall(abi: Abi, name: string, words: readonly string[]): NamedCall {
  const item = findFunction(abi, name) ?? parseSignature(name)
  const { inputs } = item
  if (inputs.length !== words.length) {
    throw new UsageError(`${toFunctionSignature(item)} takes ${inputs.length} arguments, not ${words.length}.`)
  }
  // The function alone, so that an overloaded name is no question; errors stay, for the reason.
  const others = abi.filter((other) => other.type !== 'function' || other.name !== item.name)
  const args = inputs.map((input, i) => readArgument(input, words[i] as string))
  return { abi: [item, ...others], functionName: item.name, args }
}

function findFunction(abi: Abi, name: string): AbiFunction | undefined {
  if (!name.includes('(')) return getAbiItem({ abi, name }) as AbiFunction | undefined
  const wanted = name.replaceAll(' ', '')
  return abi.find((item): item is AbiFunction => item.type === 'function' && toFunctionSignature(item) === wanted)
}

function parseSignature(text: string): AbiFunction {
  const [head = '', returns = ''] = text.replace(/^function /, '').split(/(?= returns\s*\()/)
  if (!head.includes('(')) {
    throw new UsageError(
      `The ABI has no function "${text}"; name its types too, as in "f(uint256)", or give --abi FILE.`,
    )
  }
  try {
    return parseAbiItem(`function ${head} view${returns}`) as AbiFunction
  } catch {
    throw new UsageError(`"${text}" is no signature of a function.`)
  }
}

/** Strings and bytes stand as they are, everything that has parts is JSON. */
function readArgument(parameter: AbiParameter, text: string): unknown {
  if (!/\]$|^tuple/.test(parameter.type)) return readValue(parameter, text)
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw unfit(parameter)
  }
  return readValue(parameter, json)
}

function readValue(parameter: AbiParameter, value: unknown): unknown {
  const element = /^(.*)\[\d*\]$/.exec(parameter.type)?.[1]
  if (element !== undefined) {
    if (!Array.isArray(value)) throw unfit(parameter)
    return value.map((item) => readValue({ ...parameter, type: element }, item))
  }
  if ('components' in parameter) return readTuple(parameter, value)
  if (/^u?int/.test(parameter.type)) return readNumber(parameter, value)
  if (parameter.type === 'bool') {
    if (!['true', 'false'].includes(String(value))) throw unfit(parameter)
    return String(value) === 'true'
  }
  if (typeof value !== 'string') throw unfit(parameter)
  return value
}

function readTuple(parameter: AbiParameter & { components: readonly AbiParameter[] }, value: unknown): unknown {
  const { components } = parameter
  if (typeof value !== 'object' || value === null) throw unfit(parameter)
  const fields: Record<string, unknown> = Array.isArray(value)
    ? Object.fromEntries(components.map(({ name }, i) => [name ?? i, value[i]]))
    : { ...value }
  const read = components.map((component, i) => readValue(component, fields[component.name ?? i]))
  // viem takes a struct by names where all have one, and by position else.
  const isNamed = components.every(({ name }) => name)
  return isNamed ? Object.fromEntries(components.map(({ name }, i) => [name, read[i]])) : read
}

function readNumber(parameter: AbiParameter, value: unknown): bigint {
  // JSON's numbers lose digits above 2^53.
  const isExact = typeof value === 'string' ? /^-?(\d+|0x[0-9a-f]+)$/i.test(value) : Number.isSafeInteger(value)
  if (!isExact) throw unfit(parameter)
  return BigInt(value as string | number)
}

function unfit({ type, name }: AbiParameter): UsageError {
  return new UsageError(`An argument is no ${type}${name ? `, as ${name} must be` : ''}.`)
}
