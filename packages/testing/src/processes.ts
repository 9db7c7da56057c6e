/** What the system knows of a process. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** The processes that `pid` started and that still run. */
export function childrenOf(pid: number): number[] {
  const told = procFile(`/proc/${pid}/task/${pid}/children`)
  return told === undefined ? childrenByPs(pid) : numbers(told)
}

/** Whether a process of this id runs; a zombie, which only waits to be counted, does not. */
export function isRunning(pid: number): boolean {
  const stat = procFile(`/proc/${pid}/stat`)
  if (stat !== undefined) return !/^\d+ \(.*\) [ZX] /s.test(stat)
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** `pid` and everything below it. */
export function treeOf(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(treeOf)]
}

function procFile(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // No /proc on this system, or no such process.
    return undefined
  }
}

/** Where there is no /proc. */
function childrenByPs(pid: number): number[] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).split('\n').map(numbers)
  return rows.flatMap(([child = 0, parent]) => (parent === pid ? [child] : []))
}

function numbers(text: string): number[] {
  return text.split(/\s+/).filter(Boolean).map(Number)
}
