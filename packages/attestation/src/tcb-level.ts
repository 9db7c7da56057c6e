/** Which level of a TCB info a platform reaches, as Intel's QVL finds it (TcbLevelCheck). */
import { refuse } from './attestation-error.ts'
import type { PlatformTcb } from './sgx-extension.ts'
import type { TcbInfo, TcbLevel } from './tcb-info.ts'
import { levelStatusOf } from './tcb-status.ts'

/** The levels, highest first. A status that we do not know may mean anything: the whole table is refused for it. */
export function sortedLevels(info: TcbInfo): TcbLevel[] {
  for (const level of info.tcbLevels) levelStatusOf(level.tcbStatus)
  return info.tcbLevels.toSorted(
    (a, b) =>
      compare(b.tcb.components, a.tcb.components) ||
      b.tcb.pceSvn - a.tcb.pceSvn ||
      compare(b.tcb.tdxComponents ?? [], a.tcb.tdxComponents ?? []),
  )
}

/** The highest level of which the platform reaches every version. */
export function matchSgxLevel(levels: readonly TcbLevel[], platform: PlatformTcb): TcbLevel {
  return levels.find((level) => reachesSgx(platform, level)) ?? refuse('TCB_NOT_SUPPORTED')
}

export function reachesSgx(platform: PlatformTcb, { tcb }: TcbLevel): boolean {
  return reachesAll(platform.components, tcb.components) && platform.pceSvn >= tcb.pceSvn
}

/** Whether every version is at least the required one. A missing one counts as never reached. */
export function reachesAll(versions: ArrayLike<number>, required: readonly number[], from = 0): boolean {
  return required.every((svn, index) => index < from || (versions[index] ?? -1) >= svn)
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
