/**
 * What the user typed, as values: one table per command yields validation, types, `--help` and docs/cli.md.
 *
 * Everything unknown is refused with the nearest known word, before anything is done.
 */
import { parseArgs } from 'node:util'
import { EnigmaError } from '@enigma/protocol'
import { nearest } from './nearest.ts'

export type OptionSpec =
  | { type: 'flag'; text: string }
  | { type: 'integer'; value: string; text: string; min: number; max: number; default?: number }
  | { type: 'text'; value: string; text: string; default?: string; required?: true; choices?: readonly string[] }

export type OptionTable = Readonly<Record<string, OptionSpec>>

/** `many`: the last one, of which there may be any number, also none. */
export type PositionalSpec = { name: string; text: string; optional?: true; many?: true }

/** The values of a table: an option without a default and without `required` may be undefined. */
export type Values<T extends OptionTable> = {
  -readonly [K in keyof T]: T[K] extends { type: 'flag' }
    ? boolean
    : T[K] extends { type: 'integer' }
      ? T[K] extends { default: number }
        ? number
        : number | undefined
      : T[K] extends { default: string } | { required: true }
        ? string
        : string | undefined
}

export type Parsed<T extends OptionTable> = { values: Values<T>; positionals: string[] }

/** Reads `args` by the table; throws a `UsageError` for whatever the table does not know. */
export function parseArguments<const T extends OptionTable>(
  args: readonly string[],
  table: T,
  positionals: readonly PositionalSpec[] = [],
): Parsed<T> {
  const options = Object.fromEntries(
    Object.entries(table).map(([name, { type }]) => [name, { type: type === 'flag' ? 'boolean' : 'string' } as const]),
  )
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true })
  const found: Record<string, string | true> = {}
  const words: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value)
    if (token.kind !== 'option') continue
    const spec = table[token.name]
    if (!spec) throw unknownOption(token.rawName, table)
    if (token.name in found) throw new UsageError(`${token.rawName} was given twice.`)
    if (spec.type === 'flag' && token.value !== undefined) throw new UsageError(`${token.rawName} takes no value.`)
    if (spec.type !== 'flag' && token.value === undefined) throw missingValue(token.rawName, spec)
    found[token.name] = token.value ?? true
  }
  const values = Object.fromEntries(Object.entries(table).map(([name, spec]) => [name, read(name, spec, found[name])]))
  return { values: values as Values<T>, positionals: checkPositionals(words, positionals) }
}

function read(name: string, spec: OptionSpec, given: string | true | undefined): boolean | string | number | undefined {
  if (spec.type === 'flag') return given === true
  if (typeof given !== 'string') {
    if (spec.type === 'text' && spec.required) throw new UsageError(`--${name} ${spec.value} is needed: ${spec.text}`)
    return spec.default
  }
  if (spec.type === 'text') {
    if (spec.choices && !spec.choices.includes(given)) {
      throw new UsageError(
        `--${name} is one of ${spec.choices.join(', ')}, not "${given}".`,
        nearest(given, spec.choices),
      )
    }
    return given
  }
  // Number() also takes '', ' 3 ', '1e3' and '0x10'; a count is written in digits.
  const number = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN
  if (!(number >= spec.min && number <= spec.max)) {
    throw new UsageError(`--${name} is a whole number from ${spec.min} to ${spec.max}, not "${given}".`)
  }
  return number
}

function checkPositionals(words: string[], specs: readonly PositionalSpec[]): string[] {
  const missing = specs[words.length]
  if (missing && !missing.optional && !missing.many) throw new UsageError(`${missing.name} is missing: ${missing.text}`)
  const extra = specs.at(-1)?.many ? undefined : words[specs.length]
  if (extra !== undefined) throw new UsageError(`"${extra}" is one argument too many.`)
  return words
}

function unknownOption(given: string, table: OptionTable): UsageError {
  const known = Object.keys(table).map((name) => `--${name}`)
  return new UsageError(`There is no option ${given} here.`, nearest(given, known))
}

function missingValue(given: string, spec: Exclude<OptionSpec, { type: 'flag' }>): UsageError {
  return new UsageError(`${given} needs a value, ${spec.value}: ${spec.text}`)
}

/** Thrown for a command line that makes no sense; nothing was done. Ends the process with exit code 2. */
export class UsageError extends EnigmaError {
  override readonly name = 'Arguments.UsageError'
  readonly code = 'USAGE'
  constructor(message: string, suggestion?: string) {
    super(message, suggestion === undefined ? {} : { hint: `Did you mean ${suggestion}?` })
  }
}
