/**
 * A DCAP quote's bytes: version 3 (SGX), 4 (SGX or TDX 1.0) and 5 (any body, typed).
 *
 * Offsets: docs/protocol/attestation.md; sgx_quote_3.h, sgx_quote_4.h and sgx_quote_5.h of Intel's DCAP.
 */
import { bytesToHex } from '@enigma/protocol'
import { refuse } from './attestation-error.ts'
import { ByteReader } from './byte-reader.ts'
import { ENCLAVE_REPORT_BYTES, type EnclaveReport, readEnclaveReport } from './enclave-report.ts'
import { readTdReport, TD10_REPORT_BYTES, TD15_REPORT_BYTES, type TdReport } from './td-report.ts'

export type Quote = {
  readonly version: 3 | 4 | 5
  readonly body: EnclaveReport | TdReport
  /** Header and body: what the attestation key signed. */
  readonly signed: Uint8Array
  /** r ‖ s */
  readonly signature: Uint8Array
  /** x ‖ y */
  readonly attestationKey: Uint8Array
  readonly qeReport: EnclaveReport
  readonly qeReportSignature: Uint8Array
  readonly qeAuthData: Uint8Array
  /** What stands where the PCK chain is expected: 5 is the chain as PEM. Nothing signs these bytes but the chain itself. */
  readonly certification: { readonly type: number; readonly data: Uint8Array }
}

export const INTEL_QE_VENDOR = '0x939a7233f79c4ca9940a0db3957f0607'

/** The longest seen in the wild has 8,000 bytes, 3,065 of them padding. */
const MAX_QUOTE_BYTES = 16_384

const ECDSA_P256 = 2
const TEE = { sgx: 0x00, tdx: 0x81 } as const
/** Certification data that wraps the QE report, since version 4. */
const QE_REPORT_CERTIFICATION = 6

/** Parses a quote. What follows the signature data is unsigned padding and ignored, as Intel's own library does. */
export function parseQuote(bytes: Uint8Array): Quote {
  if (bytes.length > MAX_QUOTE_BYTES) refuse('QUOTE_TOO_LARGE', `${bytes.length} bytes`)
  const reader = new ByteReader(bytes)
  const header = new ByteReader(reader.take(48))
  const version = header.uint16()
  if (version !== 3 && version !== 4 && version !== 5) refuse('QUOTE_VERSION', describeVersion(bytes, version))
  const keyType = header.uint16()
  if (keyType !== ECDSA_P256) refuse('ATT_KEY_TYPE', `${keyType}`)
  const tee = header.uint32()
  // QE SVN and PCE SVN: the certificate and the QE report carry the ones that count.
  header.take(4)
  const vendor = bytesToHex(header.take(16))
  const body = readBody(reader, version, tee)
  const signed = bytes.subarray(0, reader.at)
  const signatureData = readSignatureData(new ByteReader(reader.take(reader.uint32())), version)
  if (vendor !== INTEL_QE_VENDOR) refuse('QE_VENDOR', vendor)
  return { version, body, signed, ...signatureData }
}

/** Open Enclave puts 16 bytes in front of a quote (version 1, type 2, size): met so often that it gets a word of its own. */
function describeVersion(bytes: Uint8Array, version: number): string {
  const isOpenEnclave = version === 1 && bytes[4] === 2 && bytes[16] === 3
  return isOpenEnclave ? "Open Enclave's header; the quote begins 16 bytes later" : `${version}`
}

function readBody(reader: ByteReader, version: 3 | 4 | 5, tee: number): Quote['body'] {
  if (version === 5) return readTypedBody(reader, tee)
  if (tee === TEE.sgx) return readEnclaveReport(reader.take(ENCLAVE_REPORT_BYTES))
  if (version === 4 && tee === TEE.tdx) return readTdReport(reader.take(TD10_REPORT_BYTES))
  return refuse('TEE_TYPE', `0x${tee.toString(16)} in version ${version}`)
}

const typedBodies = new Map([
  [1, { bytes: ENCLAVE_REPORT_BYTES, tee: TEE.sgx, read: readEnclaveReport }],
  [2, { bytes: TD10_REPORT_BYTES, tee: TEE.tdx, read: readTdReport }],
  [3, { bytes: TD15_REPORT_BYTES, tee: TEE.tdx, read: readTdReport }],
])

function readTypedBody(reader: ByteReader, tee: number): Quote['body'] {
  const type = reader.uint16()
  const size = reader.uint32()
  const format = typedBodies.get(type)
  if (!format) return refuse('BODY_TYPE', `${type}`)
  if (size !== format.bytes) refuse('BODY_SIZE', `${size} for type ${type}`)
  if (tee !== format.tee) refuse('TEE_TYPE', `0x${tee.toString(16)} with body type ${type}`)
  return format.read(reader.take(size))
}

function readSignatureData(reader: ByteReader, version: 3 | 4 | 5) {
  const signature = reader.take(64)
  const attestationKey = reader.take(64)
  const inner = version === 3 ? reader : unwrap(reader)
  const qeReport = readEnclaveReport(inner.take(ENCLAVE_REPORT_BYTES))
  const qeReportSignature = inner.take(64)
  const qeAuthData = inner.take(inner.uint16())
  const certification = { type: inner.uint16(), data: inner.take(inner.uint32()) }
  if (!inner.isAtEnd || !reader.isAtEnd) refuse('AUTH_SIZE', `${inner.bytes.length - inner.at} bytes`)
  return { signature, attestationKey, qeReport, qeReportSignature, qeAuthData, certification }
}

function unwrap(reader: ByteReader): ByteReader {
  const type = reader.uint16()
  if (type !== QE_REPORT_CERTIFICATION) refuse('CERT_TYPE', `${type} where 6 wraps the QE report`)
  return new ByteReader(reader.take(reader.uint32()))
}
