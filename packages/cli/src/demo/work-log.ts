/** What the demo lets through of the processes' own lines: the start, computing, and trouble. All of it is in the log file. */
import type { LogSink } from '../localnet/child.ts'
import type { Output } from '../output.ts'

export function workLog({ say, style }: Output): LogSink {
  return (name, line) => {
    const told = name === 'localnet' ? line : interpret(line)
    if (told !== undefined) say(`  ${style('dim', `${name.padEnd(9)} ${told}`)}`)
  }
}

type Line = { level?: unknown; event?: unknown; ms?: unknown; code?: unknown; taskId?: unknown }

function interpret(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined
  let parsed: Line
  try {
    parsed = JSON.parse(line) as Line
  } catch {
    return undefined
  }
  const { event, level, code, ms, taskId } = parsed
  if (event === 'computed') return `computed ${String(taskId)}… in its enclave and signed the receipt, ${String(ms)} ms`
  if (level === 'error') return `${String(event)} ${String(code ?? '')}`
  return undefined
}
