/**
 * Keeps a Core running: starts it, gives it back its sealed keys, and does both again when it is gone.
 *
 * The keys live on our disk only as Core sealed them. The blob is written before anything is sent that relies on its keys.
 */

import type { CoreConfig } from '@enigma/core/calls'
import { type CoreClient, launchCore } from '@enigma/core/launch'
import {
  backoffMs,
  type Clock,
  codeOf,
  createSerial,
  type Logger,
  readFileIfThere,
  writeFileDurably,
} from '@enigma/process'
import { EnigmaError, type Hex } from '@enigma/protocol'

/** What Surface uses of a Core. */
export type WorkerCore = Pick<
  CoreClient<'worker'>,
  | ('info' | 'attest' | 'restore' | 'execute' | 'state' | 'batch' | 'stop' | 'onExit')
  | ('nonce' | 'commit' | 'join' | 'grant' | 'accept' | 'hold' | 'contractKey')
>
export type LaunchWorkerCore = (config: CoreConfig & { role: 'worker' }) => Promise<WorkerCore>
export type CoreHost = ReturnType<typeof createCoreHost>

type Parts = {
  config: CoreConfig & { role: 'worker' }
  sealedPath: string
  launch: LaunchWorkerCore
  clock: Clock
  log: Logger
}

export function launcherWith(
  options: { program?: string | undefined; watchdogMs: number },
  log: Logger,
): LaunchWorkerCore {
  return (config) => launchCore(config, { ...options, log: (code) => log.warn('core-said', { code }) })
}

export function createCoreHost({ config, sealedPath, launch, clock, log }: Parts) {
  const serial = createSerial()
  const stopping = new AbortController()
  let running: WorkerCore | undefined
  let failures = 0

  async function start(): Promise<WorkerCore> {
    if (running) return running
    if (stopping.signal.aborted) throw new CoreStoppedError()
    // A Core that dies at once must not be started in a tight loop.
    if (failures > 0) await clock.sleep(backoffMs(failures), stopping.signal)
    if (stopping.signal.aborted) throw new CoreStoppedError()
    failures++
    const core = await launch(config)
    // A start may be refused, or stopped, while Core is still being launched.
    if (stopping.signal.aborted) {
      await core.stop()
      throw new CoreStoppedError()
    }
    running = core
    core.onExit(({ reason }) => {
      if (running === core) running = undefined
      if (reason !== 'CORE_STOPPED') log.warn('core-ended', { reason })
    })
    const sealed = readFileIfThere(sealedPath)
    try {
      if (sealed) await core.restore({ sealed })
    } catch (error) {
      await core.stop()
      if (codeOf(error) === 'SEALED_DOES_NOT_OPEN') throw new SealedKeysError(sealedPath)
      throw error
    }
    log.info(sealed ? 'core-restored' : 'core-started', { attempt: failures })
    return core
  }

  return {
    /** The running Core, started and restored if need be. */
    core: (): Promise<WorkerCore> => (running ? Promise.resolve(running) : serial(start)),
    /** Core answered a real call: it is well, and its next end is a new story. */
    noteWell(): void {
      failures = 0
    },
    /** A fresh quote and input key; the sealed keys are on the disk when this returns. */
    async attest(request: { operator: Hex; identityBlock: bigint; identityBlockHash: Hex }) {
      const core = await this.core()
      const attested = await core.attest(request)
      if (attested.sealed === null) throw new UnsealedKeysError()
      writeFileDurably(sealedPath, attested.sealed)
      return attested
    },
    /** Keeps what Core sealed with its newest secrets, before anything is sent that relies on them. */
    keep(sealed: Uint8Array | null): void {
      if (sealed === null) throw new UnsealedKeysError()
      writeFileDurably(sealedPath, sealed)
    },
    hasKeys: (): boolean => readFileIfThere(sealedPath) !== undefined,
    async stop(): Promise<void> {
      stopping.abort()
      await running?.stop()
      // Behind a launch under way, which then stops what it launched.
      await serial(async () => {})
    },
  }
}

/** Thrown when Core is asked for while it is being stopped. */
export class CoreStoppedError extends EnigmaError {
  override readonly name = 'CoreHost.CoreStoppedError'
  readonly code = 'CORE_STOPPED'
  constructor() {
    super('Core is being stopped.', { hint: 'Start the worker again.' })
  }
}

/** Thrown when Core's platform seals nothing: a seat whose keys end with a process is not worth its bond. */
export class UnsealedKeysError extends EnigmaError {
  override readonly name = 'CoreHost.UnsealedKeysError'
  readonly code = 'KEYS_NOT_SEALED'
  constructor() {
    super('Core runs on a platform that seals no keys, and would lose its seat at every restart.', {
      hint: 'Run Core on gramine-sgx; see docs/running-in-hardware.md.',
    })
  }
}

/** Thrown when the sealed keys on disk belong to another machine, measurement or network. */
export class SealedKeysError extends EnigmaError {
  override readonly name = 'CoreHost.SealedKeysError'
  readonly code = 'SEALED_DOES_NOT_OPEN'
  constructor(path: string) {
    super(
      `${path} does not open in this Core: it was sealed by other code, on another machine, before an update of its microcode, or for another network.`,
      {
        hint: 'Go back to the version that sealed it, or move the data directory away and take a new seat; withdraw the old one after its exit.',
      },
    )
  }
}
