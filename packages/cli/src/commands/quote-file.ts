/** A quote as people keep it: raw bytes, or hex or base64 as tools print it. */
import { hexToBytes } from '@enigma/protocol'
import { readUserFile } from '../files.ts'

export async function readQuote(cwd: string, file: string): Promise<Uint8Array> {
  const bytes = await readUserFile(cwd, file)
  // A raw quote starts with its version as a byte, which is no letter and no digit: text cannot be mistaken for one.
  const text = new TextDecoder('latin1').decode(bytes).replace(/\s/g, '')
  const digits = text.replace(/^0x/i, '')
  if (/^(?:[0-9a-fA-F]{2})+$/.test(digits)) return hexToBytes(`0x${digits.toLowerCase()}`)
  const base64 = text.replaceAll('-', '+').replaceAll('_', '/')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return bytes
  return new Uint8Array(Buffer.from(base64, 'base64'))
}
