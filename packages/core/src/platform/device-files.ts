/**
 * How does Core speak with files that are no files?
 *
 * Gramine's /dev/attestation and the kernel's configfs answer through files whose size reads 0, whose reads may be short,
 * and of which one write is one message: written in two, it would be two messages. Paths are relative to a root, so that
 * tests put a tree of their own in its place.
 */
import { constants } from 'node:fs'
import { mkdir, open, rmdir } from 'node:fs/promises'
import { join } from 'node:path'

export type DeviceFile = {
  /** Fills the front of `into` with what comes next; 0 at the end. */
  read(into: Uint8Array): Promise<number>
  /** Returns how many bytes were taken. */
  write(bytes: Uint8Array): Promise<number>
  /** Some devices take a message only now. */
  close(): Promise<void>
}

export type DeviceFiles = {
  /** Never creates: a file that is not there is a machine that is another one. */
  open(path: string, access: 'read' | 'write'): Promise<DeviceFile>
  makeDirectory(path: string): Promise<void>
  removeDirectory(path: string): Promise<void>
}

/** The files under `root`. */
export function systemFiles(root = '/'): DeviceFiles {
  return {
    async open(path, access) {
      const file = await open(join(root, path), access === 'read' ? constants.O_RDONLY : constants.O_WRONLY)
      return {
        read: async (into) => (await file.read(into, 0, into.length)).bytesRead,
        write: async (bytes) => (await file.write(bytes)).bytesWritten,
        close: () => file.close(),
      }
    },
    makeDirectory: async (path) => void (await mkdir(join(root, path))),
    removeDirectory: (path) => rmdir(join(root, path)),
  }
}

/** The whole file, however short its reads are. Throws `EFBIG` if it holds more than `most` bytes. */
export async function readWhole(files: DeviceFiles, path: string, most: number): Promise<Uint8Array> {
  const file = await files.open(path, 'read')
  try {
    const content = new Uint8Array(most + 1)
    let length = 0
    for (let count = -1; count !== 0 && length <= most; length += count)
      count = await file.read(content.subarray(length))
    if (length > most) throw new DeviceFileError('EFBIG')
    return content.slice(0, length)
  } finally {
    await file.close()
  }
}

/** Writes one message, whole or not at all. */
export async function writeMessage(files: DeviceFiles, path: string, message: Uint8Array): Promise<void> {
  const file = await files.open(path, 'write')
  try {
    const taken = await file.write(message)
    // What is missing must not follow: it would be taken for a message of its own.
    if (taken !== message.length) throw new DeviceFileError('EIO')
  } finally {
    await file.close()
  }
}

/** As the system's own errors are: a code is all that it says. */
export class DeviceFileError extends Error {
  readonly code: string
  constructor(code: string) {
    super(code)
    this.code = code
  }
}

/** The system's or Node's name for what went wrong, such as `EBUSY`; undefined for anything else. */
export function systemCodeOf(error: unknown): string | undefined {
  const isNamed = error instanceof Error && 'code' in error && typeof error.code === 'string'
  return isNamed && /^E[A-Z0-9_]+$/.test(error.code as string) ? (error.code as string) : undefined
}
