/**
 * How a command speaks: text for people, or one JSON object for programs.
 *
 * With `--json` stdout carries nothing but the answer, as its last line; what people would read goes to stderr.
 * Colour only where the stream is a terminal and NO_COLOR is unset: `styleText` looks at both.
 */
import { styleText } from 'node:util'
import { bytesToHex, EnigmaError } from '@enigma/protocol'

type Format = Parameters<typeof styleText>[0]

export type Output = {
  readonly json: boolean
  /** A line for people. */
  say(line: string): void
  /** `text` in colour, if the stream that `say` writes to shows colours. */
  style(format: Format, text: string): string
  /** The answer for programs; silent without `--json`. At most one a run. */
  answer(value: object): void
  /** Says what went wrong, to both. */
  fail(error: unknown): void
}

export type Streams = { stdout: NodeJS.WriteStream; stderr: NodeJS.WriteStream }

export function createOutput({ stdout, stderr }: Streams, { json }: { json: boolean }): Output {
  const people = json ? stderr : stdout
  const style = (stream: NodeJS.WriteStream, format: Format, text: string) => styleText(format, text, { stream })
  const answer = (value: object) => {
    if (json) stdout.write(`${toJson(value)}\n`)
  }
  return {
    json,
    say: (line) => people.write(`${line}\n`),
    style: (format, text) => style(people, format, text),
    answer,
    fail(error) {
      const { code, message, hint } = describeError(error)
      stderr.write(`${style(stderr, ['red', 'bold'], 'error')} ${message} ${style(stderr, 'dim', `(${code})`)}\n`)
      if (hint !== undefined) stderr.write(`      ${hint}\n`)
      answer({ error: { code, message, ...(hint === undefined ? {} : { hint }) } })
    },
  }
}

/** JSON on one line: bytes as hex, and bigints as decimal strings, because numbers of that size do not survive a reader. */
function toJson(value: object): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === 'bigint') return item.toString()
    return item instanceof Uint8Array ? bytesToHex(item) : item
  })
}

function describeError(error: unknown): { code: string; message: string; hint?: string } {
  if (error instanceof EnigmaError) {
    const { code, message, hint } = error
    return hint === undefined ? { code, message } : { code, message, hint }
  }
  // viem puts the whole request into `message` and what matters into `shortMessage`.
  if (error instanceof Error) {
    const { shortMessage } = error as { shortMessage?: unknown }
    return { code: 'UNEXPECTED', message: typeof shortMessage === 'string' ? shortMessage : error.message }
  }
  return { code: 'UNEXPECTED', message: String(error) }
}
