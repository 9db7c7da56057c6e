/** `enigma quote show`: the fields of a quote. Nothing is verified: every field may be a lie. */
import { parseQuote, type Quote } from '@enigma/attestation'
import { bytesToHex } from '@enigma/protocol'
import type { Run } from '../command.ts'
import { readUserBytes } from '../files.ts'
import type { NONE } from './options.ts'

export const quoteShow: Run<typeof NONE> = async (_values, [file = ''], { output, cwd }) => {
  const quote = parseQuote(await readUserBytes(cwd, file))
  const fields = { version: quote.version, ...bodyFields(quote), certification: certificationOf(quote) }
  const width = Math.max(...Object.keys(fields).map((name) => name.length))
  for (const [name, value] of Object.entries(fields)) output.say(`${name.padEnd(width)}  ${textOf(value)}`)
  output.say(output.style('dim', 'Not verified; enigma quote verify does that.'))
  output.answer(fields)
  return 0
}

/** Every field of the body that it has, its bytes as hex. */
function bodyFields({ body }: Quote): Record<string, unknown> {
  const named = Object.entries(body).filter(([name, value]) => name !== 'raw' && value !== undefined)
  return Object.fromEntries(named)
}

function textOf(value: unknown): string {
  if (value instanceof Uint8Array) return bytesToHex(value)
  return Array.isArray(value) ? value.map(textOf).join(' ') : String(value)
}

function certificationOf({ certification: { type, data } }: Quote): string {
  return type === 5 ? `PCK certificate chain, ${data.length} bytes` : `type ${type}, ${data.length} bytes`
}
