/**
 * The processes of a network together: started in any order, stopped in reverse, and never without a word.
 *
 * A process has a `layer`: the chain is 0, what needs the chain is 1, what needs that is 2. The end goes from the top
 * down, so that nobody is asked after it is gone, and each layer at once, so that the end takes one grace and not nine.
 */
import { EnigmaError } from '@enigma/protocol'
import { type Child, type ChildSpec, describeExit, type Exit, type LogSink, startChild } from './child.ts'

export type Supervised = ChildSpec & {
  layer: number
  /** What to do when it ends although nobody asked it to. */
  onCrash: 'restart' | 'fail' | 'ignore'
}

export type Supervisor = {
  /** Starts a process; it is under supervision from then on. */
  start(spec: Supervised): Child
  /** Starts a process that has ended once more, as it was started before. */
  restart(name: string): Child
  /** The process that runs under this name now. */
  current(name: string): Child | undefined
  /** Stops one process: its end is no crash. */
  stopOne(name: string): Promise<void>
  stop(): Promise<void>
  /** Rejects when a process that the others need ended, or one ended too often. Never resolves. */
  readonly failed: Promise<never>
}

/** More restarts than this within the window mean that restarting does not help. */
const MAX_RESTARTS = 3
const RESTART_WINDOW_MS = 60_000

type Entry = { spec: Supervised; child: Child; restarts: number[]; wanted: boolean }

export function createSupervisor(log: LogSink): Supervisor {
  const entries = new Map<string, Entry>()
  let stopping: Promise<void> | undefined
  let fail: (error: Error) => void = () => {}
  const failed = new Promise<never>((_, reject) => {
    fail = reject
  })
  // Whoever never looks at it must not be killed by it.
  failed.catch(() => {})

  function watch(entry: Entry): void {
    void entry.child.exited.then((exit) => {
      if (stopping || !entry.wanted) return
      onCrash(entry, exit)
    })
  }

  function onCrash(entry: Entry, exit: Exit): void {
    const { name, onCrash } = entry.spec
    const now = performance.now()
    entry.restarts = entry.restarts.filter((at) => now - at < RESTART_WINDOW_MS)
    const restart = onCrash === 'restart' && entry.restarts.length < MAX_RESTARTS
    log('localnet', `${name} ended unexpectedly (${describeExit(exit)})${restart ? '; starting it again' : ''}`)
    if (restart) {
      entry.restarts.push(now)
      entry.child = startChild(entry.spec, log)
      watch(entry)
    } else if (onCrash !== 'ignore') {
      fail(new ProcessCrashedError(name, exit, entry.restarts.length))
    }
  }

  async function stopAll(): Promise<void> {
    const layers = [...new Set([...entries.values()].map(({ spec }) => spec.layer))].sort((a, b) => b - a)
    for (const layer of layers) {
      const ofLayer = [...entries.values()].filter(({ spec }) => spec.layer === layer)
      await Promise.all(ofLayer.map(({ child }) => child.stop()))
    }
  }

  function start(spec: Supervised): Child {
    if (stopping) throw new StoppingError(spec.name)
    const entry: Entry = { spec, child: startChild(spec, log), restarts: [], wanted: true }
    entries.set(spec.name, entry)
    watch(entry)
    return entry.child
  }

  return {
    start,
    restart(name) {
      const entry = entries.get(name)
      if (!entry?.child.hasExited) throw new RangeError(`${name} cannot be restarted: it runs, or never did`)
      return start(entry.spec)
    },
    current: (name) => entries.get(name)?.child,
    async stopOne(name) {
      const entry = entries.get(name)
      if (!entry) return
      entry.wanted = false
      await entry.child.stop()
    },
    stop: () => {
      stopping ??= stopAll()
      return stopping
    },
    failed,
  }
}

/** Thrown when the network can't go on, because one of its processes ended. */
export class ProcessCrashedError extends EnigmaError {
  override readonly name = 'Localnet.ProcessCrashedError'
  readonly code = 'PROCESS_CRASHED'
  constructor(process: string, exit: Exit, restarts: number) {
    const again = restarts > 0 ? ` after ${restarts} restarts within a minute` : ''
    super(`${process} ended (${describeExit(exit)})${again}, and the network does not work without it.`, {
      hint: 'Its last lines stand above, and in .enigma/localnet.log.',
    })
  }
}

/** Thrown when somebody starts a process of a network that is being stopped. */
export class StoppingError extends EnigmaError {
  override readonly name = 'Localnet.StoppingError'
  readonly code = 'STOPPING'
  constructor(process: string) {
    super(`${process} was not started: the network is being stopped.`)
  }
}
