// Runs the steps of a script one after the other, says what it does and how long each took.
import { spawnSync } from 'node:child_process'
import path from 'node:path'

const node = process.execPath

/** The command lines of the tools, each as [command, ...arguments]. */
export const tools = {
  biome: [node, 'node_modules/@biomejs/biome/bin/biome'],
  forge: [process.env.FORGE_BIN ?? 'node_modules/@foundry-rs/forge-linux-amd64/bin/forge'],
  knip: [node, 'node_modules/knip/bin/knip.js'],
  tsc: [node, 'node_modules/typescript/bin/tsc'],
  vitest: [node, 'node_modules/vitest/vitest.mjs'],
}

/** Runs one command; its output goes to the terminal, or is returned where `capture` is set. */
export function run([command, ...args], { capture = false, env = {} } = {}) {
  const result = spawnSync(command, args, {
    stdio: capture ? ['ignore', 'pipe', 'inherit'] : 'inherit',
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (result.error) throw new Error(`${path.basename(command)} could not start: ${result.error.message}`)
  return { ok: result.status === 0, stdout: result.stdout ?? '' }
}

/** Runs all steps, also after a failure, so that one run shows everything; returns the names of those that failed. */
export function runSteps(steps) {
  const failed = []
  for (const [name, step] of Object.entries(steps)) {
    console.log(`\n== ${name}`)
    const started = performance.now()
    let ok = false
    try {
      ok = step()
    } catch (error) {
      console.error(error.message)
    }
    if (!ok) failed.push(name)
    console.log(`== ${name}: ${ok ? 'ok' : 'FAILED'}, ${((performance.now() - started) / 1000).toFixed(1)} s`)
  }
  return failed
}
