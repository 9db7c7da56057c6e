/** The TDX part of a platform's level: its module, its own level, and whether a relaunch would mend it (Intel's QVL). */
import { bytesToHex } from '@enigma/protocol'
import { refuse } from './attestation-error.ts'
import { findIsvLevel, matchesMasked } from './qe-identity.ts'
import type { IsvLevel, TcbInfo, TcbLevel } from './tcb-info.ts'
import type { Match } from './tcb-level.ts'
import { converge, type LevelStatus, levelStatusOf, type TcbStatus } from './tcb-status.ts'
import type { TdReport } from './td-report.ts'

/** What the platform and its TDX module come to together, before the quoting enclave is counted in. */
export type TdxTcb = { readonly status: TcbStatus; readonly levels: readonly (TcbLevel | IsvLevel)[] }

export function appraiseTdx(
  info: TcbInfo,
  report: TdReport,
  { levels, sgxLevel, level: tdxLevel }: Match,
  qeStatus: LevelStatus,
): TdxTcb {
  const module = matchModule(info, report)
  const converged = converge(levelStatusOf(tdxLevel.tcbStatus), module?.status ?? 'UpToDate')
  const mayRelaunch =
    report.teeTcbSvn2 !== undefined &&
    module?.status === 'OutOfDate' &&
    qeStatus === 'UpToDate' &&
    !/^(OutOfDate|Revoked)/.test(sgxLevel.tcbStatus) &&
    /^OutOfDate/.test(converged) &&
    isNewestModule(report.teeTcbSvn2, info, levels)
  if (!mayRelaunch) return { status: converged, levels: [tdxLevel, ...(module ? [module.level] : [])] }
  const needsConfiguration = /Configuration/.test(sgxLevel.tcbStatus + converged)
  const status = needsConfiguration ? 'TDRelaunchAdvisedConfigurationNeeded' : 'TDRelaunchAdvised'
  return { status, levels: [tdxLevel, module.level] }
}

/** The module that ran, held against its identity. Version 0 predates identities with levels: it has no status. */
function matchModule(info: TcbInfo, report: TdReport): { status: LevelStatus; level: IsvLevel } | undefined {
  const [isvSvn = 0, version = 0] = report.teeTcbSvn
  if (!info.tdxModule) return refuse('TDX_MODULE_MISSING')
  const named = version > 0 ? findModule(info, version) : undefined
  const identity = named ?? info.tdxModule
  const signer = bytesToHex(report.mrSignerSeam)
  if (signer !== `0x${identity.mrsigner}`) refuse('TDX_MODULE_MISMATCH', signer)
  const hasAttributes = report.seamAttributes.some((byte) => byte !== 0)
  if (hasAttributes || !matchesMasked(report.seamAttributes, identity.attributes, identity.attributesMask)) {
    refuse('TDX_MODULE_MISMATCH', 'other SEAM attributes')
  }
  if (!named) return undefined
  const level = findIsvLevel(named.tcbLevels, isvSvn) ?? refuse('TDX_MODULE_NOT_SUPPORTED', `${isvSvn}`)
  const status = levelStatusOf(level.tcbStatus)
  // A module has no configuration of its own; another status would have no rule by which it counts.
  if (status !== 'UpToDate' && status !== 'OutOfDate' && status !== 'Revoked') refuse('TCB_STATUS_UNRECOGNIZED', status)
  return { status, level }
}

function findModule(info: TcbInfo, version: number) {
  const id = `TDX_${version.toString(16).toUpperCase().padStart(2, '0')}`
  return info.tdxModuleIdentities.find((identity) => identity.id === id) ?? refuse('TDX_MODULE_MISMATCH', id)
}

/** Whether the module that is loaded already, and would run after a relaunch, is the newest known. */
function isNewestModule(next: Uint8Array, info: TcbInfo, levels: Match['levels']): boolean {
  const [isvSvn = 0, version = 0, microcode = 0] = next
  const newest = levels[0]?.tcb.tdxComponents ?? []
  const required = version === 0 ? newest[0] : findModule(info, version).tcbLevels[0]?.tcb.isvsvn
  return isvSvn >= (required ?? Number.POSITIVE_INFINITY) && microcode >= (newest[2] ?? Number.POSITIVE_INFINITY)
}
