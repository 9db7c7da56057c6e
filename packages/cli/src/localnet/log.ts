/** The lines of many processes as one readable stream: whose it is in front, JSON turned into words. */
import { createWriteStream } from 'node:fs'
import type { Output } from '../output.ts'
import type { LogSink } from './child.ts'

type Colour = 'cyan' | 'green' | 'yellow' | 'magenta' | 'blue'
const COLOURS: readonly Colour[] = ['cyan', 'green', 'yellow', 'magenta', 'blue']
const NAME_WIDTH = 12

/** Says each line with the name of its process in front, each in a colour of its own. */
export function prefixedLog({ say, style }: Pick<Output, 'say' | 'style'>): LogSink {
  const colours = new Map<string, Colour>()
  return (name, line) => {
    const colour = colours.get(name) ?? COLOURS[colours.size % COLOURS.length] ?? 'cyan'
    colours.set(name, colour)
    say(`${style(colour, name.padEnd(NAME_WIDTH))}${readable(line)}`)
  }
}

/** Keeps every line as it came, with its process's name, in a file. */
export function fileLog(file: string): { sink: LogSink; close(): Promise<void> } {
  const stream = createWriteStream(file, { mode: 0o600 })
  // A full disk must not take the network down with it.
  stream.on('error', () => {})
  return {
    sink: (name, line) => void stream.write(`${name}\t${line}\n`),
    close: () => new Promise((resolve) => stream.end(resolve)),
  }
}

/** Every sink gets every line. */
export function bothLogs(...sinks: readonly LogSink[]): LogSink {
  return (name, line) => {
    for (const sink of sinks) sink(name, line)
  }
}

/** A daemon's JSON line as words: `task settled  taskId=0x12… rank=0`; any other line as it is. */
export function readable(line: string): string {
  if (!line.startsWith('{')) return line
  try {
    const { time: _time, component: _component, level, event, ...fields } = JSON.parse(line) as Record<string, unknown>
    if (typeof event !== 'string') return line
    const rest = Object.entries(fields).map(([key, value]) => `${key}=${String(value)}`)
    const mark = level === 'info' || level === undefined ? '' : `${String(level)}: `
    return [`${mark}${event}`, ...rest].join(' ')
  } catch {
    return line
  }
}
