/**
 * Time, handed in: what a call waits with, and what ends its waiting.
 *
 * Nothing in this package reads a clock of its own, so a test winds one by hand.
 */
import { EnigmaError, type Hex } from '@enigma/protocol'
import type { RequestedTask, SentTask } from './request-task.ts'

export type Clock = {
  /** Milliseconds since 1970. */
  nowMs(): number
  /** Resolves after `ms`, or as soon as `signal` aborts; it never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal?.addEventListener('abort', done, { once: true })
    }),
}

/** When to stop: the caller's own signal, or a time. */
export type Patience = { signal?: AbortSignal | undefined; timeoutMs?: number | undefined }

export type Deadline = {
  /** Aborts when the caller does or the time is up. */
  readonly signal: AbortSignal
  /** Throws `AbortedError` or `TimeoutError` once it is over. */
  check(): void
  /** The outcome of `work`, unless it is over first: then the same errors, and `work` is left to itself. */
  race<T>(work: Promise<T>): Promise<T>
  sleep(ms: number): Promise<void>
  /** Notes what has been sent, so that the errors say so. */
  sent(progress: SentProgress): void
  /** What was sent has ended; what comes is something else. */
  forgetSent(): void
  /** Takes the timer back. Call it in a `finally`. */
  end(): void
}

/** What has left this machine by the time a call is stopped. */
export type SentProgress = { txHash?: Hex; sent?: SentTask; taskId?: Hex; task?: RequestedTask }

export function startDeadline(clock: Clock, { signal, timeoutMs }: Patience): Deadline {
  const over = new AbortController()
  const timer = new AbortController()
  let progress: SentProgress = {}

  const abort = () => over.abort('aborted')
  if (signal?.aborted) abort()
  else signal?.addEventListener('abort', abort, { once: true })
  if (timeoutMs !== undefined) {
    void clock.sleep(timeoutMs, timer.signal).then(() => {
      if (!timer.signal.aborted) over.abort('timeout')
    })
  }

  const reason = () =>
    over.signal.reason === 'timeout' ? new TimeoutError(timeoutMs ?? 0, progress) : new AbortedError(progress)
  const check = () => {
    if (over.signal.aborted) throw reason()
  }
  return {
    signal: over.signal,
    check,
    race: (work) =>
      new Promise((resolve, reject) => {
        const stop = () => reject(reason())
        if (over.signal.aborted) stop()
        else over.signal.addEventListener('abort', stop, { once: true })
        work.then(resolve, reject).finally(() => over.signal.removeEventListener('abort', stop))
      }),
    sleep: async (ms) => {
      await clock.sleep(ms, over.signal)
      check()
    },
    sent: (more) => {
      progress = { ...progress, ...more }
    },
    forgetSent: () => {
      progress = {}
    },
    end: () => {
      timer.abort()
      signal?.removeEventListener('abort', abort)
    },
  }
}

/** A call was stopped before its end. */
export abstract class StoppedError extends EnigmaError {
  /** Set when a transaction had been sent: it goes on without us. */
  readonly txHash: Hex | undefined
  /** Set when the task was on chain. */
  readonly taskId: Hex | undefined
  readonly #progress: SentProgress
  constructor(what: string, progress: SentProgress) {
    const { txHash, taskId } = idsOf(progress)
    if (taskId) {
      super(`${what} while task ${taskId} was pending.`, { hint: 'It goes on: waitForResult and cancel take `task`.' })
    } else if (txHash) {
      super(`${what} after transaction ${txHash} was sent.`, {
        hint: progress.sent ? 'findTask takes `sent` and tells which task it made.' : 'It goes on without us.',
      })
    } else {
      super(`${what} before anything was sent.`, { hint: 'Nothing was paid.' })
    }
    this.txHash = txHash
    this.taskId = taskId
    this.#progress = progress
  }
  /** For `findTask`, where a request was sent. */
  get sent(): SentTask | undefined {
    return this.#progress.task ?? this.#progress.sent
  }
  /** For `waitForResult` and `cancel`, where the task was on chain. */
  get task(): RequestedTask | undefined {
    return this.#progress.task
  }
}

/** The caller's signal aborted. */
export class AbortedError extends StoppedError {
  override readonly name = 'AbortedError'
  readonly code = 'ABORTED'
  constructor(progress: SentProgress) {
    super('Aborted', progress)
  }
}

/** `timeoutMs` went by. */
export class TimeoutError extends StoppedError {
  override readonly name = 'TimeoutError'
  readonly code = 'TIMEOUT'
  constructor(timeoutMs: number, progress: SentProgress) {
    super(`Time was up after ${timeoutMs} ms,`, progress)
  }
}

function idsOf({ txHash, sent, taskId, task }: SentProgress): { txHash: Hex | undefined; taskId: Hex | undefined } {
  return { txHash: txHash ?? task?.txHash ?? sent?.txHash, taskId: taskId ?? task?.taskId }
}
