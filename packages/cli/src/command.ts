/** What a command is: a line in the table that help, validation and dispatch are made of. */
import { type OptionTable, type PositionalSpec, parseArguments, type Values } from './arguments.ts'
import type { Output } from './output.ts'

/** What a command is handed besides its arguments. */
export type Context = {
  output: Output
  /** Folder that relative paths on the command line start from. */
  cwd: string
  env: Readonly<Record<string, string | undefined>>
  /** Aborted by Ctrl-C and its like: stop everything, leave nothing behind. */
  signal: AbortSignal
  /** Whether somebody watches and can press Ctrl-C. */
  isTerminal: boolean
}

/** Runs a command and returns the exit code: 0 done, 1 failed. */
export type Run<T extends OptionTable> = (values: Values<T>, positionals: string[], context: Context) => Promise<number>

export type CommandSpec<T extends OptionTable> = {
  /** As typed: `worker status`. */
  name: string
  summary: string
  /** Paragraphs under the summary in the command's own help. */
  details?: readonly string[]
  options: T
  positionals?: readonly PositionalSpec[]
  /** Loads the code on demand, so that `--help` does not wait for a chain library. */
  load: () => Promise<Run<T>>
}

export type Command = Omit<CommandSpec<OptionTable>, 'load'> & {
  invoke(args: readonly string[], context: Context): Promise<number>
}

/** Options that every command has. */
export const COMMON = {
  json: {
    type: 'flag',
    text: 'One JSON object on one line as the last line of stdout; text for people goes to stderr.',
  },
  help: { type: 'flag', text: 'Shows this help.' },
} as const satisfies OptionTable

/** Ties a command's code to its own option table, so that the types agree and then no longer matter. */
export function command<const T extends OptionTable>(spec: CommandSpec<T>): Command {
  const { load, ...rest } = spec
  return {
    ...rest,
    async invoke(args, context) {
      const { values, positionals } = parseArguments(args, { ...spec.options, ...COMMON }, spec.positionals)
      const run = await load()
      return run(values as unknown as Values<T>, positionals, context)
    },
  }
}
