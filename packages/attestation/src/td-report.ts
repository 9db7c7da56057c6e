/** TDX's report of a trust domain: 584 bytes for TDX 1.0, 648 for 1.5 (Intel TDX DCAP Quoting Library API, TD Quote Body). */
import { ByteReader } from './byte-reader.ts'

export type TdReport = {
  readonly kind: 'td10' | 'td15'
  readonly raw: Uint8Array
  readonly teeTcbSvn: Uint8Array
  readonly mrSignerSeam: Uint8Array
  readonly seamAttributes: Uint8Array
  readonly tdAttributes: Uint8Array
  readonly mrTd: Uint8Array
  readonly rtMr: readonly Uint8Array[]
  readonly reportData: Uint8Array
  /** Of the module that would be loaded next: TDX 1.5 only. */
  readonly teeTcbSvn2: Uint8Array | undefined
  readonly isDebug: boolean
}

export const TD10_REPORT_BYTES = 584
export const TD15_REPORT_BYTES = 648

/** TDATTRIBUTES.TUD: any bit of the first byte opens the domain to its host; DEBUG is bit 0, the others are reserved. */
const UNTRUSTED_BITS = 0xff

/** Lays the names over `raw`, whose length is one of the two above. */
export function readTdReport(raw: Uint8Array): TdReport {
  const reader = new ByteReader(raw)
  const teeTcbSvn = reader.take(16)
  reader.take(48) // MRSEAM: which module ran is judged by its signer and version.
  const mrSignerSeam = reader.take(48)
  const seamAttributes = reader.take(8)
  const tdAttributes = reader.take(8)
  reader.take(8) // XFAM: features the domain may use, bound by its measurement's own checks.
  const mrTd = reader.take(48)
  reader.take(48 * 3) // MRCONFIGID, MROWNER, MROWNERCONFIG: the host's words, which no policy of ours believes.
  const rtMr = [reader.take(48), reader.take(48), reader.take(48), reader.take(48)]
  const reportData = reader.take(64)
  const isTd15 = raw.length === TD15_REPORT_BYTES
  return {
    kind: isTd15 ? 'td15' : 'td10',
    raw,
    teeTcbSvn,
    mrSignerSeam,
    seamAttributes,
    tdAttributes,
    mrTd,
    rtMr,
    reportData,
    teeTcbSvn2: isTd15 ? reader.take(16) : undefined,
    isDebug: ((tdAttributes[0] ?? UNTRUSTED_BITS) & UNTRUSTED_BITS) !== 0,
  }
}
