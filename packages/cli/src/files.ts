/** Files that the user names on the command line. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { EnigmaError } from '@enigma/protocol'

/** Far above any file a command takes, far below what would hurt. */
const MOST_BYTES = 4 * 1024 * 1024

export async function readUserFile(cwd: string, file: string): Promise<Uint8Array> {
  let bytes: Uint8Array
  try {
    // A plain array: a Buffer, and every part of it, has ideas of its own about JSON.
    bytes = new Uint8Array(await readFile(path.resolve(cwd, file)))
  } catch (error) {
    throw new UserFileError(file, error instanceof Error && 'code' in error ? String(error.code) : 'cannot be read')
  }
  if (bytes.length > MOST_BYTES) throw new UserFileError(file, `${bytes.length} bytes, more than ${MOST_BYTES}`)
  return bytes
}

export async function readUserJson(cwd: string, file: string): Promise<unknown> {
  try {
    return JSON.parse(new TextDecoder().decode(await readUserFile(cwd, file)))
  } catch (error) {
    if (error instanceof UserFileError) throw error
    throw new UserFileError(file, 'not JSON')
  }
}

/** Thrown for a file that can't be read as what it should be. */
export class UserFileError extends EnigmaError {
  override readonly name = 'Files.UserFileError'
  readonly code = 'FILE'
  constructor(file: string, fault: string) {
    super(`${file}: ${fault}.`)
  }
}
