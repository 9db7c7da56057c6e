/**
 * How does a host start a Core, and what can he ask it?
 *
 * The host is not trusted with Core's secrets, and Core not with the host's patience. Whoever holds the client restarts
 * and restores a Core that ended.
 */
import type { CallName, CallParams, CallResult, CoreConfig, PrincipalAttested, WorkerAttested } from './calls.ts'
import { broughtCommand, confinedCommand } from './confinement.ts'
import { type CoreEnded, CoreProcess } from './core-process.ts'

export { type CoreEnded, CoreEndedError } from './core-process.ts'
export { CoreError, type CoreErrorCode } from './errors.ts'

type Role = CoreConfig['role']
type Attested = { worker: WorkerAttested; principal: PrincipalAttested }
type Call<Name extends CallName> = (params: CallParams<Name>) => Promise<CallResult<Name>>

/** One running Core. Calls may overlap; they reach Core one after the other. */
export type CoreClient<R extends Role = Role> = {
  readonly pid: number
  info(): Promise<CallResult<'info'>>
  attest(params: CallParams<'attest'>): Promise<Attested[R]>
  restore: Call<'restore'>
  execute: Call<'execute'>
  state: Call<'state'>
  batch: Call<'batch'>
  nonce(): Promise<CallResult<'nonce'>>
  commit: Call<'commit'>
  join: Call<'join'>
  grant: Call<'grant'>
  accept: Call<'accept'>
  hold: Call<'hold'>
  contractKey: Call<'contractKey'>
  seed: Call<'seed'>
  /** Ends Core; resolves when it is gone. */
  stop(): Promise<void>
  /** Called once when Core ends, `stop` included; soon if it has ended already. */
  onExit(listener: (end: CoreEnded) => void): void
}

export type LaunchOptions = {
  /**
   * A program with Core's frames on its stdin and stdout, for a Core inside an enclave or a virtual machine.
   * Left out: Core's own sources, confined on this machine.
   */
  program?: string | undefined
  /** Hears the codes that Core writes before it ends. */
  log?: (code: string) => void
  /** How long Core may take to answer a call before it is killed. */
  watchdogMs?: number
}

const WATCHDOG_MS = 60_000
/** To load and measure its code, on a machine that is busy, or to fill an enclave of gigabytes page by page. */
const START_MS = 120_000

/** Starts a Core and returns it once it has answered for the first time. */
export async function launchCore<R extends Role>(
  config: CoreConfig & { role: R },
  { program, log = () => {}, watchdogMs = WATCHDOG_MS }: LaunchOptions = {},
): Promise<CoreClient<R>> {
  const core = new CoreProcess(program === undefined ? confinedCommand() : broughtCommand(program), log)
  try {
    core.configure(config)
    await core.call('info', {}, START_MS)
  } catch (error) {
    await core.stop()
    throw error
  }
  return {
    pid: core.pid,
    info: () => core.call('info', {}, watchdogMs),
    attest: (params) => core.call('attest', params, watchdogMs) as Promise<Attested[R]>,
    restore: (params) => core.call('restore', params, watchdogMs),
    execute: (params) => core.call('execute', params, watchdogMs),
    state: (params) => core.call('state', params, watchdogMs),
    batch: (params) => core.call('batch', params, watchdogMs),
    nonce: () => core.call('nonce', {}, watchdogMs),
    commit: (params) => core.call('commit', params, watchdogMs),
    join: (params) => core.call('join', params, watchdogMs),
    grant: (params) => core.call('grant', params, watchdogMs),
    accept: (params) => core.call('accept', params, watchdogMs),
    hold: (params) => core.call('hold', params, watchdogMs),
    contractKey: (params) => core.call('contractKey', params, watchdogMs),
    seed: (params) => core.call('seed', params, watchdogMs),
    stop: () => core.stop(),
    onExit: (listener) => core.onExit(listener),
  }
}
