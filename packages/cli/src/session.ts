/** A local network that belongs to a folder: claimed, started, written down, and cleaned up after. */
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { EXAMPLES } from './examples.ts'
import type { LogSink } from './localnet/child.ts'
import { claimHome, dataOf } from './localnet/home.ts'
import { type Localnet, startLocalnet } from './localnet/localnet.ts'
import { bothLogs, fileLog } from './localnet/log.ts'
import { LOCAL_PARAMETERS } from './localnet/parameters.ts'
import { writeNetworkFile } from './network-file.ts'
import { aborted } from './signal.ts'

export type SessionConfig = { home: string; workers: number; port: number }

export type Session = Localnet & {
  readonly readyMs: number
  /** Resolves when somebody asked the network to end: Ctrl-C, `enigma down`. Rejects when it broke. */
  readonly ended: Promise<void>
  /** Aborted together with `ended`. */
  readonly signal: AbortSignal
}

/** Starts the folder's network, hands it to `use`, and leaves nothing of it behind, whatever happens in there. */
export async function withNetwork<T>(
  { home, workers, port }: SessionConfig,
  { log, signal: outer }: { log: LogSink; signal: AbortSignal },
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const began = performance.now()
  const asked = new AbortController()
  const signal = AbortSignal.any([outer, asked.signal])
  const claim = await claimHome(home, () => asked.abort(new Error('stopped by enigma down')))
  const file = fileLog(logFileOf(home))
  try {
    const data = dataOf(home)
    await mkdir(data, { recursive: true, mode: 0o700 })
    const localnet = await startLocalnet(
      {
        workers,
        port,
        data,
        mining: 'every-second',
        parameters: LOCAL_PARAMETERS,
        dApps: EXAMPLES,
        onWorkerCrash: 'restart',
      },
      { log: bothLogs(log, file.sink), signal },
    )
    try {
      await writeNetworkFile(home, localnet.network)
      const readyMs = Math.round(performance.now() - began)
      const ended = Promise.race([aborted(signal), localnet.supervisor.failed])
      // Whoever never looks at it must not be killed by it.
      ended.catch(() => {})
      return await use({ ...localnet, readyMs, signal, ended })
    } finally {
      await localnet.stop()
    }
  } finally {
    await file.close()
    await claim.release()
  }
}

/** Every line of every process, for when something went wrong. */
export function logFileOf(home: string): string {
  return path.join(home, 'localnet.log')
}
