/** What hardware would answer: reports and quotes of the right form, signed by nobody who counts. */
import { createSimulatedPki } from '@enigma/attestation/simulated'
import { bytesToHex, concatBytes } from '@enigma/protocol'

export const MR_ENCLAVE: Uint8Array = new Uint8Array(32).fill(0xe1)
const SIGNATURE_DATA = 436

/** sgx_report_t, as EREPORT writes it. */
export function sgxReport({ mrEnclave = MR_ENCLAVE, debug = false } = {}): Uint8Array {
  const report = new Uint8Array(432)
  report[48] = debug ? 7 : 5
  report.set(mrEnclave, 64)
  return report
}

export function sgxQuote(reportData: Uint8Array, { mrEnclave = MR_ENCLAVE, debug = false } = {}): Uint8Array {
  return createSimulatedPki().quote({
    platformName: 'test',
    measurement: bytesToHex(mrEnclave),
    reportData: reportData.slice(),
    debug,
  })
}

export type Domain = { version?: 4 | 5; mrTd?: number; rtMr?: number[]; attributes?: number; serviceDomain?: number }

/** A TDX quote with the padding that the kernel hands out behind it. */
export function tdxQuote(reportData: Uint8Array, { version = 5, ...domain }: Domain = {}): Uint8Array {
  const sgx = sgxQuote(reportData)
  const header = sgx.slice(0, 48)
  header.set([version, 0, 2, 0, 0x81, 0, 0, 0])
  const body = tdReport(reportData, version === 4 ? 584 : 648, domain)
  const kind = version === 4 ? new Uint8Array(0) : concatBytes(Uint8Array.of(3, 0), uint32(body.length))
  const wrapped = sgx.subarray(SIGNATURE_DATA + 128)
  const signatureData = concatBytes(
    sgx.subarray(SIGNATURE_DATA, SIGNATURE_DATA + 128),
    Uint8Array.of(6, 0),
    uint32(wrapped.length),
    wrapped,
  )
  return concatBytes(header, kind, body, uint32(signatureData.length), signatureData, new Uint8Array(3_065))
}

function tdReport(reportData: Uint8Array, length: number, domain: Omit<Domain, 'version'>): Uint8Array {
  const { mrTd = 0x7d, rtMr = [1, 2, 3, 4], attributes = 0x10, serviceDomain = 0 } = domain
  const body = new Uint8Array(length)
  body[123] = attributes
  body.fill(mrTd, 136, 184)
  for (const [index, value] of rtMr.entries()) body.fill(value, 328 + 48 * index, 376 + 48 * index)
  body.set(reportData, 520)
  if (length > 600) body.fill(serviceDomain, 600, 648)
  return body
}

function uint32(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24)
}
