/**
 * Lost races: what a task relied on had changed when it came to it, and the dApp said so with `StateChanged`.
 *
 * In the callback it means that another task replaced the same state first: asked again, on the state of now, it succeeds.
 * In the private function it is held against what the caller sealed: the same arguments would be refused again, for a fee each.
 */
import { EnigmaError, type Hex } from '@enigma/protocol'
import type { Deadline } from './clock.ts'
import type { FailureReason } from './outcome.ts'
import type { Report } from './progress.ts'
import { requireWithin } from './terms.ts'

export type RetryOptions = {
  /** How often to ask again, as a new task with a new fee, where another task replaced the state first. Default 2. */
  retries?: number | undefined
}

const DEFAULT_RETRIES = 2
const MOST_RETRIES = 100

/** Runs `attempt` until it does not lose its race, at most `retries` times more. */
export async function withRetries<T>(
  { retries = DEFAULT_RETRIES }: RetryOptions,
  report: Report,
  deadline: Deadline,
  attempt: () => Promise<T>,
): Promise<T> {
  requireWithin('retries', retries, MOST_RETRIES)
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof StateConflictError) || error.where === 'function') throw error
      const { taskId, createdBlock, reason } = error
      if (attempts > retries) throw new StateConflictError({ taskId, createdBlock }, 'callback', reason, attempts)
      deadline.forgetSent()
      report({ type: 'retrying', taskId, createdBlock, attempt: attempts + 1 })
    }
  }
}

/** Whether these words are `EnigmaDapp.requireUnchanged`'s. */
export function isStateChange(reason: FailureReason | undefined): reason is FailureReason {
  return reason !== undefined && 'errorName' in reason && reason.errorName === 'StateChanged'
}

export class StateConflictError extends EnigmaError {
  override readonly name = 'StateConflictError'
  readonly code = 'STATE_CONFLICT'
  /** The last one. */
  readonly taskId: Hex
  readonly where: 'callback' | 'function'
  /** Tasks that were paid for. */
  readonly attempts: number
  readonly #reason: FailureReason
  readonly #createdBlock: bigint
  constructor(
    { taskId, createdBlock }: { taskId: Hex; createdBlock: bigint },
    where: StateConflictError['where'],
    reason: FailureReason,
    attempts = 1,
  ) {
    super(
      where === 'callback'
        ? `Another task changed the state first (tasks asked: ${attempts}, the last one ${taskId}).`
        : `What was sealed for task ${taskId} to rely on was no longer so in its block.`,
      {
        hint:
          where === 'callback'
            ? 'Ask again, or with more `retries`; abandon(error) frees its slot. If many touch the same state, the dApp could split it.'
            : 'Read it anew, and ask with that.',
      },
    )
    this.taskId = taskId
    this.#createdBlock = createdBlock
    this.where = where
    this.attempts = attempts
    this.#reason = reason
  }
  /** For `abandon`. */
  get createdBlock(): bigint {
    return this.#createdBlock
  }
  /** `StateChanged` with what was found and what was expected: not for logs, since the latter was sealed. */
  get reason(): FailureReason {
    return this.#reason
  }
}
