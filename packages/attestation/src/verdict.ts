/** What a verified quote says. */
import { bytesToHex, type Hex } from '@enigma/protocol'
import type { Quote } from './quote.ts'
import type { TcbStatus } from './tcb-status.ts'
import type { TrustRoot } from './trust-roots.ts'

export type Verdict = {
  readonly tee: 'sgx' | 'tdx'
  readonly tcbStatus: TcbStatus
  /** Of all parts that count, sorted. */
  readonly advisoryIds: readonly string[]
  /** MRENCLAVE, or MRTD. */
  readonly measurement: Hex
  /** 64 bytes: what the enclave had its hardware vouch for. */
  readonly reportData: Uint8Array
  /** Always false: a debuggable enclave has no verdict. */
  readonly debug: false
  /** Whose enclave it is. SGX only. */
  readonly enclave?: { readonly mrSigner: Hex; readonly isvProdId: number; readonly isvSvn: number }
  /** The kind of platform, 6 bytes. */
  readonly fmspc: Hex
  /** Names the machine: PPID, 16 bytes. */
  readonly platformId: Hex
  /** The lower of TCB info's and QE identity's. */
  readonly tcbEvaluationDataNumber: number
  /** Unix seconds between which every certificate, list and document behind this verdict is valid. */
  readonly validFrom: number
  readonly validUntil: number
  readonly trustRoot: TrustRoot['name']
}

/** The part of a verdict that the quote's own body tells. */
export function describeBody({ body }: Quote): Pick<Verdict, 'tee' | 'measurement' | 'reportData' | 'enclave'> {
  // A copy, since the quote's buffer stays its owner's to write to. Not `slice`: on a Buffer that is a view.
  const reportData = Uint8Array.from(body.reportData)
  if (body.kind !== 'sgx') return { tee: 'tdx', measurement: bytesToHex(body.mrTd), reportData }
  const { isvProdId, isvSvn } = body
  const enclave = { mrSigner: bytesToHex(body.mrSigner), isvProdId, isvSvn }
  return { tee: 'sgx', measurement: bytesToHex(body.mrEnclave), reportData, enclave }
}

/** A verdict as it travels in JSON: all bytes in hex. */
export type VerdictJson = Omit<Verdict, 'reportData'> & { readonly reportData: Hex }

export function verdictToJson(verdict: Verdict): VerdictJson {
  return { ...verdict, reportData: bytesToHex(verdict.reportData) }
}
