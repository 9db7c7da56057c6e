/**
 * One table of options yields everything that is known about them: their types, their validation, `--help` and the docs.
 *
 * A value comes from, in this order: the flag `--rpc-url`, the environment `ENIGMA_RPC_URL`, the key `rpcUrl` of the JSON
 * file given by `--config`, the default. Everything wrong is reported at once, never one mistake a run.
 * A secret is never a flag and never stands in the JSON file, where `ps` and backups would show it: it comes from the
 * environment, or from a file of its own named by `--…-file`.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { EnigmaError } from '@enigma/protocol'

export type Option<T> = {
  /** Reads the text or throws with what is wrong with it, without repeating it. */
  readonly parse: (text: string) => T
  /** One word for `--help`, such as `URL`. */
  readonly kind: string
  readonly sentence: string
  /** As it would be typed; without one the option must be given. */
  readonly default?: string
  readonly secret?: boolean
}
export type Table = Readonly<Record<string, Option<unknown>>>
export type ConfigOf<T extends Table> = { [K in keyof T]: T[K] extends Option<infer V> ? V : never }
export type ConfigSources = {
  argv: readonly string[]
  env: Readonly<Record<string, string | undefined>>
  readFile?: (path: string) => string
}

/** Reads a whole configuration, or throws one `ConfigError` with everything that is wrong. */
export function readConfig<T extends Table>(table: T, { argv, env, readFile = readText }: ConfigSources): ConfigOf<T> {
  const problems: string[] = []
  const flags = readFlags(table, argv, problems)
  const file = readConfigFile(table, flags.config ?? env.ENIGMA_CONFIG, readFile, problems)
  const values: Record<string, unknown> = {}
  for (const [key, option] of Object.entries(table)) {
    const found = option.secret
      ? findSecret(key, flags, env, file, readFile, problems)
      : findPlain(key, flags, env, file)
    const text = found?.text ?? option.default
    if (text === undefined) {
      if (!found) problems.push(`${howToGive(key, option)} is missing: ${option.sentence}`)
      continue
    }
    try {
      values[key] = option.parse(text)
    } catch (error) {
      problems.push(`${found?.where ?? flagOf(key)}: ${error instanceof Error ? error.message : 'cannot be read'}`)
    }
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return values as ConfigOf<T>
}

/** `dataDir` → `--data-dir` */
export const flagOf = (key: string): string => `--${kebab(key)}`
/** `dataDir` → `ENIGMA_DATA_DIR` */
export const environmentOf = (key: string): string => `ENIGMA_${kebab(key).replaceAll('-', '_').toUpperCase()}`

/** Thrown with every problem of a configuration. */
export class ConfigError extends EnigmaError {
  override readonly name = 'Config.ConfigError'
  readonly code = 'CONFIG'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(
      `The configuration has ${problems.length} problem(s):\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
      {
        hint: 'Run with --help to see every option.',
      },
    )
    this.problems = problems
  }
}

type Found = { text?: string; where: string }
type Flags = Readonly<Record<string, string | undefined>>

function findPlain(key: string, flags: Flags, env: ConfigSources['env'], file: Flags): Found | undefined {
  if (flags[kebab(key)] !== undefined) return { text: flags[kebab(key)] as string, where: flagOf(key) }
  const variable = environmentOf(key)
  if (env[variable]) return { text: env[variable], where: variable }
  if (file[key] !== undefined) return { text: file[key], where: `"${key}" in the file` }
  return undefined
}

function findSecret(
  key: string,
  flags: Flags,
  env: ConfigSources['env'],
  file: Flags,
  readFile: (path: string) => string,
  problems: string[],
): Found | undefined {
  const variable = environmentOf(key)
  if (env[variable]) return { text: env[variable], where: variable }
  const named = findPlain(`${key}File`, flags, env, file)
  if (named?.text === undefined) return undefined
  try {
    return { text: readFile(named.text).trim(), where: `the file of ${flagOf(`${key}File`)}` }
  } catch {
    problems.push(`${named.where}: cannot read ${named.text}`)
    return { where: named.where }
  }
}

function readFlags(table: Table, argv: readonly string[], problems: string[]): Flags {
  const known = new Set([
    'config',
    ...Object.entries(table).map(([key, { secret }]) => kebab(secret ? `${key}File` : key)),
  ])
  const options = Object.fromEntries([...known].map((name) => [name, { type: 'string', multiple: true } as const]))
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, tokens: true })
  const flags: Record<string, string> = {}
  for (const [index, token] of tokens.entries()) {
    const before = tokens[index - 1]
    // The value of an unknown option is no second mistake, and may be a secret that has no flag.
    const isValue = before?.kind === 'option' && !known.has(before.name)
    if (token.kind === 'positional' && !isValue) problems.push(`${shorten(token.value)}: not an option`)
    if (token.kind !== 'option') continue
    if (!known.has(token.name)) problems.push(`${shorten(token.rawName)}: no such option`)
    else if (token.value === undefined) problems.push(`${token.rawName}: needs a value`)
    else if (token.name in flags) problems.push(`${token.rawName}: given twice`)
    else flags[token.name] = token.value
  }
  return flags
}

function readConfigFile(
  table: Table,
  path: string | undefined,
  readFile: (path: string) => string,
  problems: string[],
): Flags {
  if (path === undefined) return {}
  const parsed = parseFile(path, readFile)
  if (typeof parsed === 'string') {
    problems.push(parsed)
    return {}
  }
  const values: Record<string, string> = {}
  for (const [key, value] of Object.entries(parsed)) {
    const named = key.endsWith('File') ? table[key.slice(0, -4)] : undefined
    const option = Object.hasOwn(table, key) ? table[key] : undefined
    if (option?.secret)
      problems.push(`"${key}" in the file: a secret does not belong here; use ${flagOf(`${key}File`)}`)
    else if (!option && !named?.secret) problems.push(`"${shorten(key)}" in the file: no such option`)
    else if (!['string', 'number', 'boolean'].includes(typeof value))
      problems.push(`"${key}" in the file: not a plain value`)
    else values[key] = String(value)
  }
  return values
}

function parseFile(path: string, readFile: (path: string) => string): object | string {
  let text: string
  try {
    text = readFile(path)
  } catch {
    return `--config: cannot read ${path}`
  }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // Falls through to the one sentence for both cases; the parser's own text would quote the file.
  }
  return `${path}: not a JSON object`
}

function howToGive(key: string, option: Option<unknown>): string {
  return option.secret ? `${environmentOf(key)} or ${flagOf(`${key}File`)}` : flagOf(key)
}

const kebab = (key: string): string => key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
const shorten = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text)
const readText = (path: string): string => readFileSync(path, 'utf8')
