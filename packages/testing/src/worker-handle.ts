/** One worker's two processes, to be killed and brought back. */
import type { Localnet } from '@enigma/cli/localnet'
import { eventually } from './eventually.ts'
import { childrenOf, isRunning } from './processes.ts'

export type WorkerHandle = {
  /** Process ids of now. */
  surfacePid(): number
  corePid(): Promise<number>
  /** kill -9. Core notices the end of its pipe and ends too. */
  killSurface(): Promise<void>
  /** kill -9. Surface starts another one. */
  killCore(): Promise<void>
  /** As Ctrl-C would. */
  stop(): Promise<void>
  /** Starts the worker anew on its old data; resolves once it serves. */
  restart(): Promise<void>
}

export function workerHandle(name: string, supervisor: Localnet['supervisor']): WorkerHandle {
  const surface = () => {
    const child = supervisor.current(name)
    if (!child) throw new RangeError(`${name} was never started`)
    return child
  }
  const corePid = () => eventually(`the Core of ${name}`, () => childrenOf(surface().pid)[0])
  return {
    surfacePid: () => surface().pid,
    corePid,
    async killSurface() {
      await surface().crash()
    },
    async killCore() {
      const pid = await corePid()
      process.kill(pid, 'SIGKILL')
      await eventually(`the end of the Core of ${name}`, () => !isRunning(pid))
    },
    stop: () => supervisor.stopOne(name),
    async restart() {
      await supervisor.restart(name).ready
    },
  }
}
