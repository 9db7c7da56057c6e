/** From a command line to an exit code: finds the command, gives help, runs it, reports what failed. */
import { UsageError } from './arguments.ts'
import type { Command, Context } from './command.ts'
import { UserFileError } from './files.ts'
import { helpOf, helpOfAll } from './help.ts'
import { nearest } from './nearest.ts'
import { createOutput, type Streams } from './output.ts'

export type Surroundings = Omit<Context, 'output'> & { streams: Streams }

/** Runs the program and returns its exit code: 0 done, 1 failed, 2 the command line or a file it names makes no sense. */
export async function runProgram(
  args: readonly string[],
  commands: readonly Command[],
  around: Surroundings,
): Promise<number> {
  const output = createOutput(around.streams, { json: args.includes('--json') })
  try {
    const found = findCommand(args, commands)
    const wantsHelp = args.includes('--help') || args.includes('-h')
    if (!found) {
      if (!wantsHelp && args.some((word) => word !== '--json')) throw unknownCommand(args, commands)
      output.say(helpOfAll(commands, output.style))
      output.answer({ commands: commands.map(({ name, summary }) => ({ name, summary })) })
      return wantsHelp ? 0 : 2
    }
    if (wantsHelp) {
      output.say(helpOf(found.command, output.style))
      output.answer({ name: found.command.name, summary: found.command.summary, options: found.command.options })
      return 0
    }
    return await found.command.invoke(found.rest, { ...around, output })
  } catch (error) {
    output.fail(error)
    return error instanceof UsageError || error instanceof UserFileError ? 2 : 1
  }
}

/** The command whose words stand first among `args`; options may stand before, between and after them. */
function findCommand(args: readonly string[], commands: readonly Command[]) {
  const found = commands.find(({ name }) => {
    const words = name.split(' ')
    return words.every((word, i) => wordsOf(args)[i] === word)
  })
  if (!found) return undefined
  const rest = [...args]
  for (const word of found.name.split(' ')) rest.splice(rest.indexOf(word), 1)
  return { command: found, rest }
}

function wordsOf(args: readonly string[]): string[] {
  return args.filter((word) => !word.startsWith('-'))
}

function unknownCommand(args: readonly string[], commands: readonly Command[]): UsageError {
  const words = wordsOf(args)
  const names = commands.map(({ name }) => name)
  const group = names.filter((name) => name.startsWith(`${words[0]} `))
  if (group.length > 0 && words.length < 2) return new UsageError(`${words[0]} what?`, group.join(' or '))
  const given = words.slice(0, Math.max(...names.map((name) => name.split(' ').length))).join(' ')
  const suggestion = nearest(given, names) ?? nearest(words[0] ?? '', names)
  if (given === '') return new UsageError(`There is no option ${args[0]} here; name a command first.`)
  return new UsageError(`There is no command "${given}".`, suggestion && `enigma ${suggestion}`)
}
