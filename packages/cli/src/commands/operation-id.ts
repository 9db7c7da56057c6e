/** The id of a timelock's operation from the command line. */
import type { Hex } from '@enigma/protocol'
import { UsageError } from '../arguments.ts'

export function parseOperationId(text: string | undefined): Hex {
  if (text === undefined || !/^0x[0-9a-fA-F]{64}$/.test(text)) {
    throw new UsageError(`"${text ?? ''}" is no id of an operation: 0x and 64 hex digits.`)
  }
  return text.toLowerCase() as Hex
}
