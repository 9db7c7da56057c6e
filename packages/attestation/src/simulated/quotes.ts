/** Quotes of simulated machines: what Core needs of the simulated PKI, and nothing of its collateral. */
import { EnigmaError, type Hex, hexToBytes, parseHex } from '@enigma/protocol'
import { type Authority, createAuthority, LOCAL_NETWORK } from './authority.ts'
import { createPlatform, type Firmware } from './platform.ts'
import { attributesOf, type QuotingEnclave, simulatedSigner, writeQuote, writeReport } from './quoting-enclave.ts'

export type QuoteRequest = {
  readonly platformName: string
  readonly measurement: Hex
  readonly reportData: Uint8Array
  readonly debug?: boolean
  readonly isvSvn?: number
  readonly firmware?: Firmware
  readonly quotingEnclave?: QuotingEnclave
}

/** A version 3 quote over `measurement` and 64 bytes of report data, from the machine of that name. */
export function simulatedQuote(
  { platformName, measurement, reportData, debug = false, isvSvn = 1, firmware, quotingEnclave }: QuoteRequest,
  authority: Authority = createAuthority(LOCAL_NETWORK),
): Uint8Array {
  if (reportData.length !== 64) throw new ReportDataLengthError(reportData.length)
  const platform = createPlatform(authority, platformName, firmware)
  const report = writeReport(platform, {
    mrEnclave: hexToBytes(parseHex(measurement, { bytes: 32, what: 'measurement' })),
    mrSigner: hexToBytes(simulatedSigner),
    isvProdId: 0,
    isvSvn,
    attributes: attributesOf({ debug }),
    reportData,
  })
  return writeQuote(platform, report, quotingEnclave)
}

export class ReportDataLengthError extends EnigmaError {
  override readonly name = 'SimulatedPki.ReportDataLengthError'
  readonly code = 'REPORT_DATA_LENGTH'
  constructor(found: number) {
    super(`Report data must have 64 bytes, not ${found}.`, { hint: 'Use workerReportData or principalReportData.' })
  }
}
