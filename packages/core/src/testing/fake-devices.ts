/**
 * Files that are no files, in memory, as Gramine and the kernel serve them.
 *
 * Written after libos/src/fs/dev/attestation.c and libos_fs_pseudo.c of Gramine, and drivers/virt/coco/tsm.c and
 * fs/configfs/file.c of Linux. Both read short, here three bytes at a time or as the test says.
 */
import { type DeviceFile, DeviceFileError, type DeviceFiles } from '../platform/device-files.ts'

type Quoting = (reportData: Uint8Array) => Uint8Array

/** What each device does at once where a test asks for a failure: its path, and the codes of its next uses. */
export type Failures = Record<string, string[]>

const fail = (code: string): never => {
  throw new DeviceFileError(code)
}
const utf8 = (text: string) => new Uint8Array(Buffer.from(text))

/** What was there when it was opened. */
function reading(content: Uint8Array, most = 3): DeviceFile {
  let at = 0
  return {
    read: async (into) => {
      const part = content.subarray(at, at + Math.min(most, into.length))
      into.set(part)
      at += part.length
      return part.length
    },
    write: async () => fail('EBADF'),
    close: async () => {},
  }
}

function writing(onWrite: (bytes: Uint8Array) => number, onClose = () => {}): DeviceFile {
  return { read: async () => fail('EBADF'), write: async (bytes) => onWrite(bytes), close: async () => onClose() }
}

export type Gramine = {
  type?: string
  /** sgx_report_t. */
  report: Uint8Array
  sealingKey?: Uint8Array
  quote: Quoting
  failures?: Failures
  /** How much of a message is taken at once. */
  writes?: number
}

/** Gramine's /dev/attestation. The report data is one for the whole process; what is short is padded, what is long is cut. */
export function fakeGramine({
  type = 'dcap',
  report,
  sealingKey = bytesOf(16),
  quote,
  failures = {},
  writes,
}: Gramine) {
  let reportData: Uint8Array = new Uint8Array(64)
  const contents: Record<string, () => Uint8Array> = {
    attestation_type: () => utf8(type),
    report: () => report,
    'keys/_sgx_mrenclave': () => sealingKey,
    ...(type === 'dcap' && { quote: () => quote(reportData) }),
  }
  const files: DeviceFiles = {
    open: async (path, access) => {
      const name = path.replace(/^dev\/attestation\//, '')
      const failure = failures[name]?.shift()
      if (failure) fail(failure)
      if (access === 'read') return reading((contents[name] ?? (() => fail('ENOENT')))())
      if (name !== 'user_report_data') return fail('EACCES')
      return writing((bytes) => {
        const taken = bytes.subarray(0, writes ?? bytes.length)
        reportData = new Uint8Array(64)
        reportData.set(taken.subarray(0, 64))
        return taken.length
      })
    },
    makeDirectory: async () => fail('EACCES'),
    removeDirectory: async () => fail('EACCES'),
  }
  return files
}

export type Tsm = {
  provider?: string
  quote: Quoting
  failures?: Failures
  /** Called when a quote is read: what somebody else does meanwhile. */
  meanwhile?: (directory: { write(bytes: Uint8Array): void }) => void
}

type Report = { generation: number; inblob: Uint8Array; open: number }

/** The kernel's configfs-tsm. `directories` are those that are there now, `made` all that ever were. */
export function fakeTsm({ provider = 'tdx_guest', quote, failures = {}, meanwhile = () => {} }: Tsm) {
  const root = 'sys/kernel/config/tsm/report/'
  const directories = new Map<string, Report>()
  const made: string[] = []

  const commit = (report: Report, bytes: Uint8Array) => {
    report.generation++
    report.inblob = Uint8Array.from(bytes)
  }
  /** The quote is made when it is first read, from what was written by then. */
  const outblob = (report: Report): Uint8Array => {
    if (report.inblob.length === 0) fail('EINVAL')
    if (report.inblob.length !== 64) fail('EINVAL')
    const made = quote(report.inblob)
    meanwhile({ write: (bytes) => commit(report, bytes) })
    return made
  }
  const inblob = (report: Report): DeviceFile => {
    const parts: Uint8Array[] = []
    return writing(
      (bytes) => {
        if (bytes.length > 64) fail('EFBIG')
        parts.push(Uint8Array.from(bytes))
        return bytes.length
      },
      // A binary attribute takes its message when it is closed, and keeps to itself whether it liked it.
      () => commit(report, Buffer.concat(parts)),
    )
  }

  const files: DeviceFiles = {
    open: async (path, access) => {
      const [name = '', attribute = ''] = path.replace(root, '').split('/')
      const report = directories.get(name) ?? fail('ENOENT')
      const failure = failures[attribute]?.shift()
      if (failure) fail(failure)
      const open = (file: DeviceFile): DeviceFile => {
        report.open++
        return {
          ...file,
          close: async () => {
            report.open--
            await file.close()
          },
        }
      }
      if (access === 'write') return attribute === 'inblob' ? open(inblob(report)) : fail('EACCES')
      if (attribute === 'provider') return open(reading(utf8(`${provider}\n`)))
      if (attribute === 'generation') return open(reading(utf8(`${report.generation}\n`)))
      return attribute === 'outblob' ? open(reading(outblob(report), 1_000)) : fail('EACCES')
    },
    makeDirectory: async (path) => {
      const failure = failures.mkdir?.shift()
      if (failure) fail(failure)
      const name = path.replace(root, '')
      if (directories.has(name)) fail('EEXIST')
      directories.set(name, { generation: 0, inblob: new Uint8Array(0), open: 0 })
      made.push(name)
    },
    removeDirectory: async (path) => {
      const name = path.replace(root, '')
      if ((directories.get(name) ?? fail('ENOENT')).open > 0) fail('EBUSY')
      const failure = failures.rmdir?.shift()
      if (failure) fail(failure)
      directories.delete(name)
    },
  }
  return { files, directories, made }
}

export function bytesOf(length: number, value = 0x5e): Uint8Array {
  return new Uint8Array(length).fill(value)
}
