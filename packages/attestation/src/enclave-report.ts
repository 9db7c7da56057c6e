/** SGX's report of an enclave: 384 bytes (Intel SDM vol. 3D, REPORT; sgx_report_body_t). */
import { littleEndian } from './byte-reader.ts'

export type EnclaveReport = {
  readonly kind: 'sgx'
  /** The 384 bytes, as they were signed. */
  readonly raw: Uint8Array
  readonly cpuSvn: Uint8Array
  readonly miscSelect: Uint8Array
  /** flags 8 ‖ xfrm 8 */
  readonly attributes: Uint8Array
  readonly mrEnclave: Uint8Array
  readonly mrSigner: Uint8Array
  readonly isvProdId: number
  readonly isvSvn: number
  readonly reportData: Uint8Array
  readonly isDebug: boolean
}

export const ENCLAVE_REPORT_BYTES = 384

/** ATTRIBUTES.DEBUG: the host may read and write the enclave's memory. */
const DEBUG_FLAG = 0x02

/** Lays the names over the bytes; every 384 bytes are some report, and only a signature says which. */
export function readEnclaveReport(raw: Uint8Array): EnclaveReport {
  const field = (offset: number, length: number) => raw.subarray(offset, offset + length)
  const attributes = field(48, 16)
  return {
    kind: 'sgx',
    raw,
    cpuSvn: field(0, 16),
    miscSelect: field(16, 4),
    attributes,
    mrEnclave: field(64, 32),
    mrSigner: field(128, 32),
    isvProdId: littleEndian(field(256, 2)),
    isvSvn: littleEndian(field(258, 2)),
    reportData: field(320, 64),
    isDebug: ((attributes[0] ?? DEBUG_FLAG) & DEBUG_FLAG) !== 0,
  }
}
