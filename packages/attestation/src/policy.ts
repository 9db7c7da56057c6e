/**
 * Policy: which genuine enclaves are good enough. Everything before it asks whether the hardware spoke at all.
 *
 * Each field that is left out asks for nothing, save status and advisories, which every policy states.
 */
import { bytesToHex, equalBytes, type Hex } from '@enigma/protocol'
import { refuse } from './attestation-error.ts'
import type { TcbStatus } from './tcb-status.ts'
import type { Verdict } from './verdict.ts'

export type Policy = {
  readonly tcbStatuses: readonly TcbStatus[]
  /** Advisory ids that may concern the platform, whatever its status. */
  readonly advisoryIds: readonly string[]
  readonly minTcbEvaluationDataNumber?: number
  /** MRENCLAVE or MRTD values, lowercase. Left out: any, which is right only where somebody else compares it. */
  readonly measurements?: readonly Hex[]
  readonly mrSigners?: readonly Hex[]
  readonly isvProdId?: number
  readonly minIsvSvn?: number
  /** 64 bytes. */
  readonly reportData?: Uint8Array
  readonly deniedFmspcs?: readonly Hex[]
  readonly deniedPlatformIds?: readonly Hex[]
}

/**
 * The status that today's SGX servers can reach: every TCB info of theirs tops out at SWHardeningNeeded, for
 * advisories that software answers (INTEL-SA-00334 and -00615 by microcode and SDK, -00657 by the enclave's build).
 */
export const defaultPolicy: Policy = {
  tcbStatuses: ['UpToDate', 'SWHardeningNeeded'],
  advisoryIds: ['INTEL-SA-00334', 'INTEL-SA-00615', 'INTEL-SA-00657'],
}

/** Refuses a verdict that does not meet the policy. */
export function checkPolicy(verdict: Verdict, policy: Policy): void {
  if (!policy.tcbStatuses.includes(verdict.tcbStatus)) refuse('TCB_STATUS_REFUSED', verdict.tcbStatus)
  const advisory = verdict.advisoryIds.find((id) => !policy.advisoryIds.includes(id))
  if (advisory !== undefined) refuse('ADVISORY_REFUSED', advisory)
  if (verdict.tcbEvaluationDataNumber < (policy.minTcbEvaluationDataNumber ?? 0)) {
    refuse('TCB_EVALUATION_TOO_OLD', `${verdict.tcbEvaluationDataNumber}`)
  }
  if (policy.deniedFmspcs?.includes(verdict.fmspc)) refuse('FMSPC_DENIED', verdict.fmspc)
  if (!isAmong(policy.measurements, verdict.measurement)) refuse('MRENCLAVE_UNKNOWN', verdict.measurement)
  checkEnclave(verdict, policy)
  if (policy.reportData !== undefined && !equalBytes(policy.reportData, verdict.reportData)) {
    refuse('REPORT_DATA_MISMATCH', bytesToHex(verdict.reportData))
  }
  if (policy.deniedPlatformIds?.includes(verdict.platformId)) refuse('PPID_DENIED', verdict.platformId)
}

/** A trust domain has no signer, product or version: a policy that asks for them means an SGX enclave. */
function checkEnclave({ enclave }: Verdict, policy: Policy): void {
  if (!isAmong(policy.mrSigners, enclave?.mrSigner)) refuse('MRSIGNER_UNKNOWN', enclave?.mrSigner ?? 'none')
  if (policy.isvProdId !== undefined && policy.isvProdId !== enclave?.isvProdId) {
    refuse('ISVPRODID', `${enclave?.isvProdId ?? 'none'}`)
  }
  if (policy.minIsvSvn !== undefined && !((enclave?.isvSvn ?? -1) >= policy.minIsvSvn)) {
    refuse('ISVSVN_TOO_LOW', `${enclave?.isvSvn ?? 'none'}`)
  }
}

function isAmong(allowed: readonly Hex[] | undefined, value: Hex | undefined): boolean {
  return allowed === undefined || (value !== undefined && allowed.includes(value))
}
