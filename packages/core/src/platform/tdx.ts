/**
 * Core inside a TDX virtual machine.
 *
 * The kernel answers through configfs (Documentation/ABI/testing/configfs-tsm): a directory of one's own, 64 bytes in, a
 * quote out, and a counter of writes that tells whether anybody else asked in between. Such a machine has no key that
 * outlives it, so nothing is sealed: a restart is a new registration.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { Quote } from '@enigma/attestation'
import { bytesToHex, type Hex, utf8 } from '@enigma/protocol'
import { type DeviceFiles, readWhole, systemCodeOf, systemFiles, writeMessage } from './device-files.ts'
import { createOneByOne } from './one-by-one.ts'
import { checkOwnQuote, checkReportData } from './own-quote.ts'
import type { Platform } from './platform.ts'
import { PlatformError } from './platform-error.ts'

const REPORTS = 'sys/kernel/config/tsm/report'
/** What passes through Core's door. */
const MAX_QUOTE_BYTES = 32_768
const ATTEMPTS = 5
/** What another try may help against: a quote of somebody else is under way, or the request was interrupted. */
const PASSING = new Set(['EBUSY', 'EAGAIN', 'EINTR'])

export type TdxParts = {
  files?: DeviceFiles
  /** Waits after the attempt of this number, from 1. */
  pause?: (attempt: number) => Promise<void>
}

export async function createTdxPlatform({ files = systemFiles(), pause = pauseLonger }: TdxParts = {}) {
  const oneByOne = createOneByOne()
  const ask = (reportData: Uint8Array) => oneByOne(() => askUntilQuiet(files, reportData, pause))
  // The kernel tells a domain what it is by a quote only.
  const nothing = new Uint8Array(64)
  const { measurement } = checkOwnQuote(await ask(nothing), { reportData: nothing, measurementOf: domainMeasurement })

  return {
    kind: 'tdx',
    measurement: () => measurement,
    quote: async (reportData) => {
      checkReportData(reportData)
      const bytes = await ask(reportData)
      return checkOwnQuote(bytes, { reportData, measurement, measurementOf: domainMeasurement }).quote
    },
    sealingKey: null,
    random: (length) => new Uint8Array(randomBytes(length)),
  } satisfies Platform
}

/**
 * SHA-256("enigma/tdx-measurement/v1" ‖ MRTD ‖ RTMR0 ‖ RTMR1 ‖ RTMR2 ‖ RTMR3 ‖ TD attributes ‖ MRSERVICETD).
 *
 * MRTD is the firmware alone: kernel, command line and what they start stand in the RTMRs. The attributes and the service
 * domain say who else may reach inside, a migration for one. What the host configures and nothing inside reads
 * (MRCONFIGID, MROWNER, MROWNERCONFIG) is left out. A TDX 1.0 report knows no service domain: zeros.
 */
export function domainMeasurement(body: Quote['body']): Hex | undefined {
  if (body.kind === 'sgx') return undefined
  const serviceDomain = body.kind === 'td15' ? body.raw.subarray(600, 648) : new Uint8Array(48)
  const hash = createHash('sha256').update(utf8('enigma/tdx-measurement/v1')).update(body.mrTd)
  for (const register of body.rtMr) hash.update(register)
  return bytesToHex(hash.update(body.tdAttributes).update(serviceDomain).digest())
}

async function askUntilQuiet(files: DeviceFiles, reportData: Uint8Array, pause: Required<TdxParts>['pause']) {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (attempt > 1) await pause(attempt - 1)
    const quote = await askOnce(files, reportData)
    if (quote) return quote
  }
  throw new PlatformError('PLATFORM_BUSY', `${ATTEMPTS} attempts`)
}

/** The quote; undefined if another attempt may do better. */
async function askOnce(files: DeviceFiles, reportData: Uint8Array): Promise<Uint8Array | undefined> {
  // A name of its own each time: nothing else writes there, and what a crash leaves behind is in nobody's way.
  const directory = `${REPORTS}/enigma-${randomBytes(8).toString('hex')}`
  let isMade = false
  try {
    await files.makeDirectory(directory)
    isMade = true
    const provider = await readText(files, `${directory}/provider`)
    if (provider !== 'tdx_guest') throw new PlatformError('PLATFORM_PROVIDER', JSON.stringify(provider))
    const before = await readCounter(files, directory)
    await writeMessage(files, `${directory}/inblob`, reportData)
    const quote = await readWhole(files, `${directory}/outblob`, MAX_QUOTE_BYTES)
    return (await readCounter(files, directory)) === before + 1n ? quote : undefined
  } catch (cause) {
    const code = systemCodeOf(cause)
    if (code === undefined) throw cause
    if (PASSING.has(code)) return undefined
    throw new PlatformError(isMade ? 'PLATFORM_NO_QUOTE' : 'PLATFORM_NOT_THERE', code, { cause })
  } finally {
    // One that stays costs the kernel a page, which is no reason to lose a quote.
    if (isMade) await files.removeDirectory(directory).catch(() => {})
  }
}

async function readText(files: DeviceFiles, path: string): Promise<string> {
  return Buffer.from(await readWhole(files, path, 64))
    .toString('latin1')
    .trimEnd()
}

async function readCounter(files: DeviceFiles, directory: string): Promise<bigint> {
  const text = await readText(files, `${directory}/generation`)
  if (!/^[0-9]{1,20}$/.test(text)) throw new PlatformError('PLATFORM_NO_QUOTE', 'a generation that is no number')
  return BigInt(text)
}

function pauseLonger(attempt: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 200 * 2 ** attempt))
}
