/** A quoting enclave in software: writes quotes of version 3, byte for byte as Intel's does. */
import { concatBytes, type Hex, hexToBytes, utf8 } from '@enigma/protocol'
import { sha256 } from '@noble/hashes/sha2.js'
import { ENCLAVE_REPORT_BYTES } from '../enclave-report.ts'
import { INTEL_QE_VENDOR } from '../quote.ts'
import { derive, sign } from './keys.ts'
import { quotingEnclave } from './kind.ts'
import type { Platform } from './platform.ts'

export type ReportOptions = {
  readonly mrEnclave: Uint8Array
  readonly mrSigner: Uint8Array
  readonly isvProdId: number
  readonly isvSvn: number
  readonly attributes: Uint8Array
  readonly reportData: Uint8Array
}

/** How a quoting enclave differs from the one that the identity describes. */
export type QuotingEnclave = Partial<ReportOptions> & { readonly authData?: Uint8Array }

/** INIT, MODE64 and, as no enclave for users must have it, DEBUG. */
export const attributesOf = ({ debug }: { debug: boolean }): Uint8Array =>
  hexToBytes(debug ? '0x0700000000000000e700000000000000' : '0x0500000000000000e700000000000000')

export function writeReport(platform: Platform, options: ReportOptions): Uint8Array {
  const report = new Uint8Array(ENCLAVE_REPORT_BYTES)
  report.set(platform.facts.components, 0)
  report.set(options.attributes, 48)
  report.set(options.mrEnclave, 64)
  report.set(options.mrSigner, 128)
  report.set(uint16(options.isvProdId), 256)
  report.set(uint16(options.isvSvn), 258)
  report.set(options.reportData, 320)
  return report
}

/** Signs `report` as the quoting enclave of `platform`. */
export function writeQuote(platform: Platform, report: Uint8Array, enclave: QuotingEnclave = {}): Uint8Array {
  const attestationKey = platform.attestationKey.public.subarray(1)
  // Real ones send the bytes 0 to 31.
  const authData = enclave.authData ?? Uint8Array.from({ length: 32 }, (_, index) => index)
  const bound = new Uint8Array(64)
  bound.set(sha256(concatBytes(attestationKey, authData)))
  const qeReport = writeReport(platform, {
    mrEnclave: hexToBytes(`0x${quotingEnclave.mrEnclave}`),
    mrSigner: hexToBytes(`0x${quotingEnclave.mrSigner}`),
    isvProdId: quotingEnclave.isvProdId,
    isvSvn: quotingEnclave.isvSvn,
    attributes: hexToBytes(`0x${quotingEnclave.attributes}`),
    reportData: bound,
    ...enclave,
  })
  const certification = utf8(`${platform.chain}\0`)
  const signed = concatBytes(writeHeader(platform, enclave.isvSvn ?? quotingEnclave.isvSvn), report)
  const signatureData = concatBytes(
    sign(platform.attestationKey, signed, 'compact'),
    attestationKey,
    qeReport,
    sign(platform.pckKey, qeReport, 'compact'),
    uint16(authData.length),
    authData,
    uint16(5),
    uint32(certification.length),
    certification,
  )
  return concatBytes(signed, uint32(signatureData.length), signatureData)
}

function writeHeader({ facts }: Platform, qeSvn: number): Uint8Array {
  const header = new Uint8Array(48)
  header.set(concatBytes(uint16(3), uint16(2), uint32(0), uint16(qeSvn), uint16(facts.pceSvn)))
  header.set(hexToBytes(INTEL_QE_VENDOR), 12)
  header.set(derive('qe-id', 16), 28)
  return header
}

/** The author's key of every simulated enclave: nobody's. */
export const simulatedSigner: Hex = '0x0000000000000000000000000000000000000000000000000000000000000001'

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, value >> 8)
}

function uint32(value: number): Uint8Array {
  return concatBytes(uint16(value & 0xffff), uint16(value >>> 16))
}
