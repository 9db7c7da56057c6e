/**
 * One child process: its lines, its end, and the leash that ends it when we are gone.
 *
 * Three ways to be gone, all covered: `stop` (SIGTERM, then SIGKILL), our own crash or `kill -9` (a Node child sees its
 * IPC channel close, see leash.ts; a binary gets a signal from the kernel, see `withDeathSignal`).
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { EnigmaError } from '@enigma/protocol'

export type ChildSpec = {
  name: string
  command: string
  args: readonly string[]
  /** A Node process runs with an IPC channel, whose end it takes for its own. */
  kind: 'node' | 'binary'
  env?: Readonly<Record<string, string | undefined>>
  /** Its stdout is read for `waitForLine` alone, and logged nowhere: anvil prints its accounts' keys there. */
  isQuiet?: boolean
}

/** How a process ended: its exit code, or the signal that ended it. */
export type Exit = { code: number | null; signal: NodeJS.Signals | null }

export type Child = {
  readonly name: string
  readonly pid: number
  readonly exited: Promise<Exit>
  readonly hasExited: boolean
  /** The first line of output that `match` finds something in; rejects when the process ends before. */
  waitForLine<T>(match: (line: string) => T | undefined): Promise<T>
  /** What the process says of itself over IPC once it is ready; rejects when it ends before. */
  readonly ready: Promise<Readonly<Record<string, unknown>>>
  /** Reads on, so that the process never waits for us, but no longer looks at what stands on stdout. */
  mute(): void
  /** SIGTERM, and SIGKILL to its whole process group if it is still there after `graceMs`. */
  stop(graceMs?: number): Promise<Exit>
  /** Ends it as a crash would: no cleaning up. Its own children are left to notice by themselves. */
  crash(): Promise<Exit>
}

export type LogSink = (name: string, line: string) => void

/** How long a process may take to end by itself. */
const GRACE_MS = 5_000
/** Lines kept to explain an early end. */
const LAST_LINES = 12

/** Starts a process in a group of its own, so that a terminal's Ctrl-C reaches us alone and the order of the end is ours. */
export function startChild(spec: ChildSpec, log: LogSink): Child {
  const spawned = spawn(spec.command, spec.args, {
    stdio: ['ignore', 'pipe', 'pipe', ...(spec.kind === 'node' ? ['ipc' as const] : [])],
    env: { ...process.env, ...spec.env },
    detached: true,
  })
  const lastLines: string[] = []
  const listeners = new Set<(line: string) => void>()
  let ended = false
  const exited = new Promise<Exit>((resolve) => {
    spawned.once('error', (error) => {
      lastLines.push(error.message)
      ended = true
      resolve({ code: 127, signal: null })
    })
    // 'close' and not 'exit': only then has all output been read.
    spawned.once('close', (code, signal) => {
      ended = true
      resolve({ code, signal })
    })
  })
  const onLine = (line: string, isLogged: boolean) => {
    for (const listener of listeners) listener(line)
    if (!isLogged) return
    lastLines.push(line)
    if (lastLines.length > LAST_LINES) lastLines.shift()
    log(spec.name, line)
  }
  const ready = new Promise<Readonly<Record<string, unknown>>>((resolve, reject) => {
    spawned.on('message', (message) => {
      if (typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready')
        resolve({ ...message })
    })
    void exited.then((exit) => reject(new ChildEndedError(spec.name, exit, lastLines)))
  })
  // A process that nobody waits for may end without a word here; the supervisor reports it.
  ready.catch(() => {})
  const stdout =
    spawned.stdout && createInterface({ input: spawned.stdout }).on('line', (line) => onLine(line, !spec.isQuiet))
  if (spawned.stderr) createInterface({ input: spawned.stderr }).on('line', (line) => onLine(line, true))
  return {
    name: spec.name,
    pid: spawned.pid ?? -1,
    exited,
    get hasExited() {
      return ended
    },
    ready,
    waitForLine: (match) =>
      new Promise((resolve, reject) => {
        const listener = (line: string) => {
          const found = match(line)
          if (found === undefined) return
          listeners.delete(listener)
          resolve(found)
        }
        listeners.add(listener)
        void exited.then((exit) => reject(new ChildEndedError(spec.name, exit, lastLines)))
      }),
    mute() {
      stdout?.close()
      spawned.stdout?.resume()
    },
    async stop(graceMs = GRACE_MS) {
      if (ended) return exited
      signalProcess(spawned, 'SIGTERM')
      const timer = setTimeout(() => signalGroup(spawned, 'SIGKILL'), graceMs)
      const exit = await exited
      clearTimeout(timer)
      return exit
    },
    crash() {
      signalProcess(spawned, 'SIGKILL')
      return exited
    },
  }
}

function signalProcess(child: ChildProcess, signal: NodeJS.Signals): void {
  child.kill(signal)
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal)
  } catch (error) {
    // ESRCH: the last of the group ended in this very moment.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Where the system has it (Linux, util-linux), lets the kernel signal the process when its parent dies. */
export function withDeathSignal(
  command: string,
  args: readonly string[],
): { command: string; args: readonly string[] } {
  const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((file) => existsSync(file))
  if (setpriv === undefined) return { command, args }
  return { command: setpriv, args: ['--pdeathsig', 'TERM', '--', command, ...args] }
}

export function describeExit({ code, signal }: Exit): string {
  return signal === null ? `exit code ${code}` : signal
}

/** Thrown when a process ended that should have become ready. */
export class ChildEndedError extends EnigmaError {
  override readonly name = 'Localnet.ChildEndedError'
  readonly code = 'CHILD_ENDED'
  constructor(child: string, exit: Exit, lastLines: readonly string[]) {
    const said = lastLines.length > 0 ? `\n${lastLines.map((line) => `    ${line}`).join('\n')}` : ' It said nothing.'
    super(`${child} ended before it was ready (${describeExit(exit)}).${said}`)
  }
}
