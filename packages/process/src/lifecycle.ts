/**
 * The outer shell of every daemon's `main.ts`: one start, one stop, exit codes.
 *
 * A daemon ends on SIGTERM and SIGINT, and when the process that started it over IPC is gone, however that one died: so
 * `kill -9` of a supervisor leaves nothing running.
 */
import { EnigmaError } from '@enigma/protocol'
import { codeOf } from './log.ts'

export type Running = {
  /** Sent to the parent over IPC as `{ type: 'ready', ...ready }`. */
  readonly ready: Readonly<Record<string, unknown>>
  /** Settles when the daemon ends by itself; rejects when it cannot go on. */
  readonly finished?: Promise<void>
  stop(): Promise<void>
}

/** Exit codes: 0 stopped as asked, 1 broke, 2 refused to start (configuration, wrong chain, directory in use). */
export async function runDaemon(start: () => Promise<Running>): Promise<void> {
  const ending = Promise.withResolvers<void>()
  process.once('SIGTERM', ending.resolve)
  process.once('SIGINT', ending.resolve)
  // Started over IPC, and the parent may be gone before this line: then there is no event any more.
  if (process.send) {
    if (process.connected) process.once('disconnect', ending.resolve)
    else ending.resolve()
  }

  // A start may be waiting for a node that is away; asked to end meanwhile, there is nothing yet that needs care.
  void ending.promise.then(() => !running && process.exit(0))
  let running: Running | undefined
  try {
    running = await start()
  } catch (error) {
    complain(error)
    process.exit(2)
  }
  if (process.connected) process.send?.({ type: 'ready', ...running.ready })
  let exitCode = 0
  try {
    await Promise.race([ending.promise, running.finished ?? ending.promise])
  } catch (error) {
    complain(error)
    exitCode = 1
  }
  // A stop that hangs must not keep a process alive that its supervisor believes gone.
  setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref()
  try {
    await running.stop()
  } catch (error) {
    complain(error)
    exitCode = 1
  }
  process.exit(exitCode)
}

const STOP_WITHIN_MS = 4_000

/** For people, on stderr. Only our own errors speak for themselves; any other might quote what it met. */
function complain(error: unknown): void {
  const told = error instanceof EnigmaError
  const hint = told && error.hint !== undefined ? `\n${error.hint}` : ''
  process.stderr.write(
    told ? `${codeOf(error)}: ${error.message}${hint}\n` : `${codeOf(error)}: stopped by an unexpected error\n`,
  )
}
