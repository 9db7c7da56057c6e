/** A task id from the command line. */
import type { Hex } from '@enigma/protocol'
import { UsageError } from '../arguments.ts'

export function parseTaskId(text: string): Hex {
  if (!/^0x[0-9a-fA-F]{64}$/.test(text)) throw new UsageError(`"${text}" is no task id: 0x and 64 hex digits.`)
  return text.toLowerCase() as Hex
}
