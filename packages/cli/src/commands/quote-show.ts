/** `enigma quote show`: the fields of a quote, also of one that is broken, up to the fault. Nothing is verified. */
import { AttestationError, parseQuote } from '@enigma/attestation'
import type { Run } from '../command.ts'
import type { NONE } from './options.ts'
import { linesOf, readFields } from './quote-fields.ts'
import { readQuote } from './quote-file.ts'

export const quoteShow: Run<typeof NONE> = async (_values, [file = ''], { output, cwd }) => {
  const quote = await readQuote(cwd, file)
  const fields = readFields(quote)
  const fault = faultOf(quote)
  for (const line of linesOf(fields)) output.say(line)
  if (fault) output.say(`${output.style(['red', 'bold'], 'broken')} ${fault.code}: ${fault.message}`)
  output.say(output.style('dim', 'Not verified; enigma quote verify does that.'))
  output.answer({ ...fields, ...(fault && { fault }) })
  return fault ? 1 : 0
}

function faultOf(quote: Uint8Array): { code: string; message: string } | undefined {
  try {
    parseQuote(quote)
    return undefined
  } catch (error) {
    if (error instanceof AttestationError) return { code: error.code, message: error.message }
    throw error
  }
}
