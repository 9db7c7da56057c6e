/** Which level of a TCB info a platform reaches, as Intel's QVL finds it (TcbLevelCheck). */
import { refuse } from './attestation-error.ts'
import type { PlatformTcb } from './sgx-extension.ts'
import type { TcbInfo, TcbLevel } from './tcb-info.ts'
import { levelStatusOf } from './tcb-status.ts'
import type { TdReport } from './td-report.ts'

export type Match = {
  /** Highest first. */
  readonly levels: readonly TcbLevel[]
  /** What the processor reaches, whatever its TDX module is. */
  readonly sgxLevel: TcbLevel
  /** What the platform reaches as a whole: for SGX the same. */
  readonly level: TcbLevel
}

/** The highest level of which the platform reaches every version; with those of `report` where it runs TDX. */
export function matchLevel(info: TcbInfo, platform: PlatformTcb, report?: TdReport): Match {
  const levels = info.tcbLevels.toSorted(
    (a, b) =>
      compare(b.tcb.components, a.tcb.components) ||
      b.tcb.pceSvn - a.tcb.pceSvn ||
      compare(b.tcb.tdxComponents ?? [], a.tcb.tdxComponents ?? []),
  )
  const reached = levels.filter((level) => reachesSgx(platform, level))
  const [sgxLevel] = reached
  if (!sgxLevel) return refuse('TCB_NOT_SUPPORTED')
  const level = report ? reached.find((it) => reachesTdx(report, it)) : sgxLevel
  if (!level) return refuse('TCB_NOT_SUPPORTED', 'no TDX level')
  // A status that we do not know may mean anything: the whole table is refused for it.
  for (const { tcbStatus } of levels) levelStatusOf(tcbStatus)
  return { levels, sgxLevel, level }
}

function reachesSgx(platform: PlatformTcb, { tcb }: TcbLevel): boolean {
  return reachesAll(platform.components, tcb.components) && platform.pceSvn >= tcb.pceSvn
}

/** From module version 1 on, the first two versions are the module's, judged by its identity. */
function reachesTdx(report: TdReport, { tcb }: TcbLevel): boolean {
  return reachesAll(report.teeTcbSvn, tcb.tdxComponents ?? [], (report.teeTcbSvn[1] ?? 0) > 0 ? 2 : 0)
}

/** Whether every version is at least the required one. A missing one counts as never reached. */
function reachesAll(versions: ArrayLike<number>, required: readonly number[], from = 0): boolean {
  return required.every((svn, index) => index < from || (versions[index] ?? -1) >= svn)
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
