/** Run by cold.ts in a process of its own: loads the machine, makes one call and tells how long each took. */
import { text } from 'node:stream/consumers'

const { code, data } = JSON.parse(await text(process.stdin))
const started = performance.now()
const { ownEngine } = await import('./own.ts')
const loaded = performance.now()
const engine = await ownEngine()
const to = `0x${'c0de'.repeat(10)}` as const
await engine.install(to, code)
await engine.call(to, data)
console.log(JSON.stringify({ importMs: loaded - started, callMs: performance.now() - loaded }))
