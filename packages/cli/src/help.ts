/** `--help`, made from the same tables that validate the command line. */
import type { OptionSpec, OptionTable } from './arguments.ts'
import { COMMON, type Command } from './command.ts'
import type { Output } from './output.ts'

type Style = Output['style']

/** The help of the program: every command on a line. */
export function helpOfAll(commands: readonly Command[], style: Style): string {
  const usages = commands.map(usage)
  const width = Math.max(...usages.map((text) => text.length))
  return [
    `${style('bold', 'enigma')}: private computation for smart contracts, on one machine or as a node`,
    '',
    ...commands.map(({ summary }, i) => `  ${style('cyan', (usages[i] ?? '').padEnd(width))}  ${summary}`),
    '',
    'enigma COMMAND --help tells more. --json makes any command answer with one JSON object.',
    'Exit codes: 0 done, 1 failed, 2 the command line makes no sense.',
  ].join('\n')
}

/** The help of one command. */
export function helpOf(command: Command, style: Style): string {
  const rows = [
    ...(command.positionals ?? []).map(({ name, text }) => [name, text] as const),
    ...optionRows({ ...command.options, ...COMMON }),
  ]
  const width = Math.max(...rows.map(([left]) => left.length))
  return [
    `${style('bold', `enigma ${usage(command)}`)}${Object.keys(command.options).length > 0 ? ' [options]' : ''}`,
    '',
    command.summary,
    ...(command.details ?? []).flatMap((paragraph) => ['', paragraph]),
    '',
    ...rows.map(([left, text]) => `  ${style('cyan', left.padEnd(width))}  ${text}`),
  ].join('\n')
}

/** A command with its arguments, as in `task show TASK_ID`. */
export function usage({ name, positionals = [] }: Command): string {
  const shown = positionals.map(({ name, optional, many }) => (many ? `[${name} …]` : optional ? `[${name}]` : name))
  return [name, ...shown].join(' ')
}

/** Each option with what it takes, and its sentence with default and bounds. */
export function optionRows(table: OptionTable): (readonly [string, string])[] {
  return Object.entries(table).map(([name, spec]) => [
    spec.type === 'flag' ? `--${name}` : `--${name} ${spec.value}`,
    `${spec.text}${facts(spec)}`,
  ])
}

function facts(spec: OptionSpec): string {
  if (spec.type === 'flag') return ''
  const parts = []
  if (spec.type === 'integer') parts.push(`${spec.min} to ${spec.max}`)
  if (spec.type === 'text' && spec.choices) parts.push(`one of ${spec.choices.join(', ')}`)
  if (spec.type === 'text' && spec.required) parts.push('needed')
  if (spec.default !== undefined) parts.push(`default ${spec.default}`)
  return parts.length > 0 ? ` (${parts.join('; ')})` : ''
}
