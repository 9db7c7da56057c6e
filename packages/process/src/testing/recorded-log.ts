/**
 * A logger that keeps its lines, for tests that ask what was said.
 */
import { createLogger, type Logger } from '../log.ts'

export type RecordedLog = Logger & { lines: Record<string, unknown>[]; events(): string[]; text(): string }

export function createRecordedLog(component = 'test'): RecordedLog {
  const lines: Record<string, unknown>[] = []
  const logger = createLogger(component, { write: (line) => lines.push(JSON.parse(line)) })
  return {
    ...logger,
    lines,
    events: () => lines.map((line) => String(line.event)),
    text: () => lines.map((line) => JSON.stringify(line)).join('\n'),
  }
}
