/**
 * Core inside an SGX enclave, in Gramine.
 *
 * Gramine answers through /dev/attestation (libos/src/fs/dev/attestation.c). What the code is comes from `report`, which the
 * processor writes; `quote` comes through the host. One report_data serves the whole process, and shorter or longer
 * messages are padded or cut without a word: hence one question at a time, of 64 bytes exactly.
 */
import { hkdfSync, randomBytes } from 'node:crypto'
import type { Quote } from '@enigma/attestation'
import { bytesToHex, type Hex, utf8 } from '@enigma/protocol'
import { type DeviceFiles, readWhole, systemCodeOf, systemFiles, writeMessage } from './device-files.ts'
import { createOneByOne } from './one-by-one.ts'
import { checkOwnQuote, checkReportData } from './own-quote.ts'
import type { Platform } from './platform.ts'
import { PlatformError, type PlatformErrorCode } from './platform-error.ts'

const DIRECTORY = 'dev/attestation'
/** QUOTE_MAX_SIZE of Gramine. */
const MAX_QUOTE_BYTES = 8_192
/** sgx_report_t: the body of 384 bytes, a key id and a MAC. */
const REPORT_BYTES = 432
const SEALING_KEY_BYTES = 16
const SEALING_SALT = utf8('enigma/gramine-sgx/v1')
const DEBUG_FLAG = 0x02

export async function createGramineSgxPlatform(files: DeviceFiles = systemFiles()): Promise<Platform> {
  const read = (name: string, most: number, otherwise: PlatformErrorCode) =>
    readWhole(files, `${DIRECTORY}/${name}`, most).catch((cause) => fail(cause, otherwise))

  const type = Buffer.from(await read('attestation_type', 16, 'PLATFORM_NOT_THERE')).toString('latin1')
  if (type !== 'dcap') throw new PlatformError('PLATFORM_NOT_DCAP', JSON.stringify(type))
  const measurement = measurementIn(await read('report', REPORT_BYTES, 'PLATFORM_REPORT'))
  const machineKey = await read('keys/_sgx_mrenclave', SEALING_KEY_BYTES, 'PLATFORM_SEALING_KEY')
  if (machineKey.length !== SEALING_KEY_BYTES) {
    throw new PlatformError('PLATFORM_SEALING_KEY', `${machineKey.length} bytes`)
  }
  const oneByOne = createOneByOne()

  return {
    kind: 'gramine-sgx',
    measurement: () => measurement,
    quote: async (reportData) => {
      checkReportData(reportData)
      const bytes = await oneByOne(async () => {
        await writeMessage(files, `${DIRECTORY}/user_report_data`, reportData).catch((cause) =>
          fail(cause, 'PLATFORM_NO_QUOTE'),
        )
        return read('quote', MAX_QUOTE_BYTES, 'PLATFORM_NO_QUOTE')
      })
      return checkOwnQuote(bytes, { reportData, measurement, measurementOf: enclaveMeasurement }).quote
    },
    // Never the machine's key itself: Gramine encrypts files with it, where a manifest says so.
    sealingKey: (label) => new Uint8Array(hkdfSync('sha256', machineKey, SEALING_SALT, label, 32)),
    random: (length) => new Uint8Array(randomBytes(length)),
  }
}

/** The processor's own word; EREPORT is not the host's to answer. */
function measurementIn(report: Uint8Array): Hex {
  if (report.length !== REPORT_BYTES) throw new PlatformError('PLATFORM_REPORT', `${report.length} bytes`)
  const flags = report[48] ?? DEBUG_FLAG
  if ((flags & DEBUG_FLAG) !== 0) throw new PlatformError('PLATFORM_DEBUG')
  return bytesToHex(report.subarray(64, 96))
}

function enclaveMeasurement(body: Quote['body']): Hex | undefined {
  return body.kind === 'sgx' ? bytesToHex(body.mrEnclave) : undefined
}

function fail(cause: unknown, otherwise: PlatformErrorCode): never {
  const code = systemCodeOf(cause)
  if (code === undefined) throw cause
  throw new PlatformError(code === 'ENOENT' ? 'PLATFORM_NOT_THERE' : otherwise, code, { cause })
}
