/**
 * The process: `node --permission … main.ts '<config json>'`.
 *
 * Frames on stdin and stdout are its only door. It writes nothing to stderr but one of the codes below, and ends when
 * stdin closes, so that no Core outlives its host.
 */
import * as v from 'valibot'
import { CoreConfig } from './calls.ts'
import { encodeFrame, FrameError, FrameReader } from './channel.ts'
import { type Core, createCore } from './core.ts'
import { createSimulatedPlatform } from './platform/simulated.ts'

/** Why a Core ended before its host did, as its last word. */
type Code = 'CORE_BAD_CONFIG' | 'CORE_BAD_REQUEST' | FrameError['code'] | 'CORE_DEFECT'

function end(code: Code): never {
  process.stderr.write(`${code}\n`)
  process.exit(1)
}

// Node would print the message and the stack, and both may quote plaintext (S21).
process.on('uncaughtException', () => end('CORE_DEFECT'))
process.on('unhandledRejection', () => end('CORE_DEFECT'))
// The host is gone while an answer was on its way.
process.stdout.on('error', () => process.exit(0))

const core = startCore(process.argv[2])
const frames = new FrameReader()

process.stdin.on('data', (chunk: Buffer) => {
  for (const value of read(() => frames.push(chunk))) {
    core.answer(value).then(
      (answer) => process.stdout.write(encodeFrame(answer)),
      () => end('CORE_BAD_REQUEST'),
    )
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

function startCore(config: string | undefined): Core {
  try {
    const parsed = v.parse(CoreConfig, JSON.parse(config ?? ''))
    return createCore(parsed, {
      platform: createSimulatedPlatform(parsed.platformName),
      loadEngine: async () => (await import('./engine-ethereumjs.ts')).createEthereumjsEngine(),
    })
  } catch {
    return end('CORE_BAD_CONFIG')
  }
}
