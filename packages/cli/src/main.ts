// Entry of `enigma`: the only file that knows argv, the environment, signals and exit codes.
import { enableCompileCache } from 'node:module'
import { commands } from './commands/index.ts'
import { COMPILE_CACHE } from './compile-cache.ts'
import { runProgram } from './program.ts'

// What a command needs is loaded after this.
enableCompileCache(COMPILE_CACHE)

/** Within this time a second signal is the first one's echo: a terminal sends it to everyone, and a wrapper passes it on. */
const ECHO_MS = 1_000

const abort = new AbortController()
let askedAt: number | undefined
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    askedAt ??= performance.now()
    abort.abort(new Error(`stopped by ${signal}`))
    // Asked again: whoever asks no longer wants to wait for a clean end. The children notice that we are gone.
    if (performance.now() - askedAt > ECHO_MS) process.exit(1)
  })
}
// Started through a wrapper (an older Node, an npm script) we end with it, also when it is killed outright.
process.on('disconnect', () => abort.abort(new Error('the starting process is gone')))
process.channel?.unref()
// A reader that closed the pipe (`enigma … | head`) has heard enough.
process.stdout.on('error', () => abort.abort(new Error('nobody listens any more')))

const code = await runProgram(process.argv.slice(2), commands, {
  streams: process,
  cwd: process.cwd(),
  env: process.env,
  signal: abort.signal,
  isTerminal: process.stdout.isTTY === true,
})
// Whatever is still open (an idle connection) is not worth waiting for; text on its way to a pipe is.
process.stdout.write('', () => process.exit(code))
