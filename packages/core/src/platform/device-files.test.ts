import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sgxQuote, sgxReport } from '../testing/hardware.ts'
import { type DeviceFile, type DeviceFiles, readWhole, systemFiles, writeMessage } from './device-files.ts'
import { createGramineSgxPlatform } from './gramine-sgx.ts'

/** Files of which every one is `file`; tells whether it was closed. */
function only(file: Partial<DeviceFile>) {
  const state = { isClosed: false }
  const close = async () => {
    state.isClosed = true
  }
  const files = { open: async () => ({ close, ...file }) as DeviceFile } as unknown as DeviceFiles
  return { files, state }
}

describe('reading', () => {
  const reads = (...parts: string[]) => ({
    read: async (into: Uint8Array) => {
      const part = Buffer.from(parts.shift() ?? '').subarray(0, into.length)
      into.set(part)
      return part.length
    },
  })

  test('goes on until nothing comes, however short the reads', async () => {
    const { files, state } = only(reads('a', 'bcd', 'e'))
    expect(Buffer.from(await readWhole(files, 'x', 8)).toString()).toBe('abcde')
    expect(state.isClosed).toBe(true)
  })

  test('takes as much as it was told, and not a byte more', async () => {
    expect(await readWhole(only(reads('abcd')).files, 'x', 4)).toHaveLength(4)
    const { files, state } = only(reads('abcd', 'e', 'f'))
    await expect(readWhole(files, 'x', 4)).rejects.toMatchObject({ code: 'EFBIG' })
    expect(state.isClosed).toBe(true)
  })
})

test('a message of which a part was taken is no message, and the rest does not follow', async () => {
  const taken: number[] = []
  const { files, state } = only({
    write: async (bytes) => {
      taken.push(bytes.length)
      return 10
    },
  })
  await expect(writeMessage(files, 'x', new Uint8Array(64))).rejects.toMatchObject({ code: 'EIO' })
  expect(taken).toEqual([64])
  expect(state.isClosed).toBe(true)
})

describe('on a real file system', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'devices-'))
  })
  afterEach(() => rmSync(root, { recursive: true }))

  test('reads, writes, makes and removes; never creates a file', async () => {
    const files = systemFiles(root)
    await files.makeDirectory('one')
    await expect(files.makeDirectory('one')).rejects.toMatchObject({ code: 'EEXIST' })
    await expect(writeMessage(files, 'one/file', new Uint8Array(4))).rejects.toMatchObject({ code: 'ENOENT' })
    writeFileSync(join(root, 'one/file'), '')
    await writeMessage(files, 'one/file', Buffer.from('text'))
    expect(Buffer.from(await readWhole(files, 'one/file', 100)).toString()).toBe('text')
    rmSync(join(root, 'one/file'))
    await files.removeDirectory('one')
    await expect(files.removeDirectory('one')).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('reads files of which the system says that they are empty', async () => {
    expect((await readWhole(systemFiles(), 'proc/self/status', 100_000)).length).toBeGreaterThan(100)
  })

  test('Core’s platform finds its files, and asks with its own report data', async () => {
    const reportData = new Uint8Array(64).fill(9)
    const directory = join(root, 'dev/attestation')
    mkdirSync(join(directory, 'keys'), { recursive: true })
    const contents = {
      attestation_type: 'dcap',
      user_report_data: '',
      report: sgxReport(),
      'keys/_sgx_mrenclave': new Uint8Array(16),
      quote: sgxQuote(reportData),
    }
    for (const [name, content] of Object.entries(contents)) writeFileSync(join(directory, name), content)
    const platform = await createGramineSgxPlatform(systemFiles(root))
    expect(await platform.quote(reportData)).toEqual(new Uint8Array(contents.quote))
    expect(new Uint8Array(readFileSync(join(directory, 'user_report_data')))).toEqual(reportData)
  })
})
