/**
 * Core as the host meets it: one request in, one answer out.
 *
 * One call at a time. A request that is no call of this role, or whose parameters are not exactly those of the schema,
 * is answered with a number; nothing else about it is looked at. A defect inside becomes the number 99: its text might
 * speak of plaintext (S21).
 */
import { networkHash } from '@enigma/protocol'
import * as v from 'valibot'
import { type Answer, CALLS, type CoreConfig, isCallName, Request } from './calls.ts'
import { CORE_ERRORS, CoreError, type CoreErrorDetail } from './errors.ts'
import { checkFits } from './platform/create.ts'
import type { Platform } from './platform/platform.ts'
import { PlatformError, type PlatformErrorCode } from './platform/platform-error.ts'
import { createPrincipal } from './principal.ts'
import type { Handlers } from './role.ts'
import { createWorker, type WorkerParts } from './worker.ts'

export type Core = {
  /** Answers a frame's value. Throws if it is no request at all: then there is no id to answer to. */
  answer(value: unknown): Promise<Answer>
}

export type CoreParts = {
  platform: Platform
  loadExecutions: WorkerParts['loadExecutions']
  /** Hears what exactly machine or host did wrong; across the door goes a number. */
  note?: (code: PlatformErrorCode | CoreErrorDetail) => void
}

export function createCore({ role, network }: CoreConfig, { platform, loadExecutions, note }: CoreParts): Core {
  checkFits(network, platform.kind)
  const parts = { network, networkHash: networkHash(network), platform }
  const handlers = role === 'worker' ? createWorker({ ...parts, loadExecutions }) : createPrincipal(parts)
  let isBusy = false

  return {
    answer: async (value) => {
      const { id, call, params } = v.parse(Request, value)
      if (isBusy) return { id, error: CORE_ERRORS.BUSY.number }
      isBusy = true
      try {
        return { id, result: await dispatch(handlers, call, params) }
      } catch (error) {
        if (error instanceof PlatformError) note?.(error.code)
        if (error instanceof CoreError && error.detail) note?.(error.detail)
        return { id, error: numberOf(error) }
      } finally {
        isBusy = false
      }
    },
  }
}

function numberOf(error: unknown): number {
  if (error instanceof CoreError) return error.number
  return (error instanceof PlatformError ? CORE_ERRORS.PLATFORM : CORE_ERRORS.INTERNAL).number
}

async function dispatch(handlers: Handlers, call: string, params: unknown): Promise<unknown> {
  if (!isCallName(call)) throw new CoreError('UNKNOWN_CALL')
  // Each handler takes what its own schema gives; TypeScript cannot follow that pair through a union of names.
  const handler = handlers[call] as ((params: unknown) => unknown) | undefined
  if (!handler) throw new CoreError('WRONG_ROLE')
  const parsed = v.safeParse(CALLS[call].params, params)
  if (!parsed.success) throw new CoreError('BAD_PARAMS')
  return handler(parsed.output)
}
