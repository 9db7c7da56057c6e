/** Loads whatever Core may load, and prints the files that this took. */
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'

const files = new Set<string>()
registerHooks({
  load: (url, context, next) => {
    if (url.startsWith('file:')) files.add(fileURLToPath(url))
    return next(url, context)
  },
})

await import('../core.ts')
await import('../executions.ts')
await import('../handoff-quote.ts')
const { createSimulatedPlatform } = await import('../platform/simulated.ts')
await import('../platform/gramine-sgx.ts')
await import('../platform/tdx.ts')
await createSimulatedPlatform('test').quote(new Uint8Array(64))
process.stdout.write(JSON.stringify([...files]))
