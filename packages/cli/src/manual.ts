/** The commands as a page of Markdown: the part of docs/cli.md that comes from the tables. Run it to write that part anew. */
import { readFileSync, writeFileSync } from 'node:fs'
import type { Command } from './command.ts'
import { commands } from './commands/index.ts'
import { optionRows, usage } from './help.ts'

export const MANUAL = new URL('../../../docs/cli.md', import.meta.url)
const MARKS = ['<!-- commands -->', '<!-- end of commands -->'] as const

/** `page` with what stands between the marks made from `commands`. */
export function withCommands(page: string, table: readonly Command[]): string {
  const [start, end] = MARKS.map((mark) => page.indexOf(mark)) as [number, number]
  if (start < 0 || end < start) throw new RangeError(`the page lacks the marks ${MARKS.join(' and ')}`)
  return `${page.slice(0, start)}${MARKS[0]}\n${table.map(section).join('\n')}\n${page.slice(end)}`
}

function section(command: Command): string {
  const rows = [
    ...(command.positionals ?? []).map(({ name, text }) => [name, text] as const),
    ...optionRows(command.options),
  ]
  return [
    `### enigma ${usage(command)}`,
    '',
    [command.summary, ...(command.details ?? [])].join(' '),
    ...(rows.length > 0 ? ['', '| | |', '| --- | --- |'] : []),
    ...rows.map(([left, text]) => `| \`${left}\` | ${text} |`),
    '',
  ].join('\n')
}

if (import.meta.main) writeFileSync(MANUAL, withCommands(readFileSync(MANUAL, 'utf8'), commands))
