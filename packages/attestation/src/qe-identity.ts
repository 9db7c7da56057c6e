/**
 * QE identity: which enclave is Intel's quoting enclave, and whether the one that signed a quote is it.
 *
 * "Get Quoting Enclave Identity" in Intel's PCS API v4, version 2. Masks and values of MISCSELECT and ATTRIBUTES are
 * hex in the byte order of the report.
 */
import { bytesToHex, concatBytes, equalBytes, hexToBytes } from '@enigma/protocol'
import { sha256 } from '@noble/hashes/sha2.js'
import * as v from 'valibot'
import { refuse } from './attestation-error.ts'
import type { EnclaveReport } from './enclave-report.ts'
import type { Quote } from './quote.ts'
import { evaluationNumber, hexOf, isoDate, securityVersion } from './signed-json.ts'
import { type IsvLevel, isvLevels } from './tcb-info.ts'

export const qeIdentitySchema = v.object({
  version: v.number(),
  id: v.string(),
  issueDate: isoDate,
  nextUpdate: isoDate,
  tcbEvaluationDataNumber: evaluationNumber,
  miscselect: hexOf(4),
  miscselectMask: hexOf(4),
  attributes: hexOf(16),
  attributesMask: hexOf(16),
  mrsigner: hexOf(32),
  isvprodid: securityVersion,
  tcbLevels: isvLevels,
})

export type QeIdentity = v.InferOutput<typeof qeIdentitySchema>

/** The QE's report binds this quote's attestation key: hash, and zeros to the end of report_data. */
export function checkKeyBinding(quote: Quote): void {
  const bound = new Uint8Array(64)
  bound.set(sha256(concatBytes(quote.attestationKey, quote.qeAuthData)))
  if (!equalBytes(bound, quote.qeReport.reportData)) refuse('QE_REPORT_DATA')
}

/** The report is of the enclave that the identity describes; returns the level that it reaches. */
export function matchQeIdentity(report: EnclaveReport, identity: QeIdentity): IsvLevel {
  if (!matchesMasked(report.miscSelect, identity.miscselect, identity.miscselectMask)) refuse('QE_MISCSELECT')
  if (!matchesMasked(report.attributes, identity.attributes, identity.attributesMask)) refuse('QE_ATTRIBUTES')
  const mrSigner = bytesToHex(report.mrSigner)
  if (mrSigner !== `0x${identity.mrsigner}`) refuse('QE_MRSIGNER', mrSigner)
  if (report.isvProdId !== identity.isvprodid) refuse('QE_ISVPRODID', `${report.isvProdId}`)
  // Intel's mask covers the flag; an identity that left it out would still not get a debuggable enclave through.
  if (report.isDebug) refuse('QE_DEBUG')
  return findIsvLevel(identity.tcbLevels, report.isvSvn) ?? refuse('QE_ISVSVN_NOT_SUPPORTED', `${report.isvSvn}`)
}

/** The highest level at or below `isvSvn`; levels come sorted, highest first. */
export function findIsvLevel(levels: readonly IsvLevel[], isvSvn: number): IsvLevel | undefined {
  return levels.find((level) => isvSvn >= level.tcb.isvsvn)
}

/** Whether the bits under `mask` are the expected ones, and the expected ones lie under it. */
export function matchesMasked(value: Uint8Array, expected: string, mask: string): boolean {
  const expectedBytes = hexToBytes(`0x${expected}`)
  const maskBytes = hexToBytes(`0x${mask}`)
  return value.every((byte, index) => (byte & (maskBytes[index] ?? 0)) === expectedBytes[index])
}
