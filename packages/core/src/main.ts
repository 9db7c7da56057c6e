/**
 * The process: frames on stdin and stdout are its only door, and the first one is its configuration.
 *
 * Not an argument, since in an enclave the arguments are part of the measured code. It writes nothing to stderr but codes,
 * and ends when stdin closes, so that no Core outlives its host.
 */
import * as v from 'valibot'
import { CoreConfig, Request } from './calls.ts'
import { encodeFrame, FrameError, FrameReader } from './channel.ts'
import { type Core, createCore } from './core.ts'
import type { CoreErrorDetail } from './errors.ts'
import { createPlatform } from './platform/create.ts'
import { PlatformError, type PlatformErrorCode } from './platform/platform-error.ts'

/** Why a Core ended before its host did, as its last word; or what the host could do better. */
type Code =
  | 'CORE_BAD_CONFIG'
  | 'CORE_BAD_REQUEST'
  | 'CORE_DEFECT'
  | FrameError['code']
  | PlatformErrorCode
  | CoreErrorDetail

const say = (code: Code) => process.stderr.write(`${code}\n`)

function end(code: Code): never {
  say(code)
  process.exit(1)
}

// Node would print the message and the stack, and both may quote plaintext (S21).
process.on('uncaughtException', () => end('CORE_DEFECT'))
process.on('unhandledRejection', () => end('CORE_DEFECT'))
// The host is gone while an answer was on its way.
process.stdout.on('error', () => process.exit(0))

let core: Promise<Core> | undefined
const frames = new FrameReader()

process.stdin.on('data', (chunk: Buffer) => {
  for (const value of read(() => frames.push(chunk))) {
    if (core === undefined) core = startCore(value)
    else if (v.is(Request, value)) void answer(core, value)
    else end('CORE_BAD_REQUEST')
  }
})
process.stdin.on('end', () => {
  read(() => frames.end())
  process.exit(0)
})

function read<Value>(frame: () => Value): Value {
  try {
    return frame()
  } catch (error) {
    return end(error instanceof FrameError ? error.code : 'CORE_DEFECT')
  }
}

async function answer(started: Promise<Core>, value: unknown): Promise<void> {
  const running = await started
  process.stdout.write(encodeFrame(await running.answer(value)))
}

async function startCore(value: unknown): Promise<Core> {
  try {
    const config = v.parse(CoreConfig, value)
    return createCore(config, {
      platform: await createPlatform(config),
      loadExecutions: () => import('./executions.ts'),
      note: say,
    })
  } catch (error) {
    return end(error instanceof PlatformError ? error.code : 'CORE_BAD_CONFIG')
  }
}
