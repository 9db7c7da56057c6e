/** How long a user waits: for a network to be ready, and for `npm start -- --once` to be done. Warm, medians of three. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Figure, median } from './figure.ts'

const ROOT = path.resolve(import.meta.dirname, '..')
const RUNS = 3

export async function measureStartup(progress: (line: string) => void): Promise<Figure[]> {
  const ready: number[] = []
  const demo: number[] = []
  for (let run = 1; run <= RUNS; run++) {
    progress(`start-up, run ${run} of ${RUNS} …`)
    ready.push((await enigma<{ readyMs: number }>(['up', '--once', '--json'])).answer.readyMs)
    demo.push((await enigma<{ workers: number }>(['demo', '--once', '--json'])).ms)
  }
  return [
    { name: 'network ready, warm, 3 workers', value: seconds(median(ready)), unit: 's', target: 5, better: 'lower' },
    { name: 'npm start -- --once, warm', value: seconds(median(demo)), unit: 's', target: 20, better: 'lower' },
  ]
}

/** Runs the command in a folder of its own; its answer, and the time that the whole process took. */
async function enigma<answer>(args: readonly string[]): Promise<{ answer: answer; ms: number }> {
  const cwd = await mkdtemp(path.join(tmpdir(), 'enigma-bench-'))
  const started = performance.now()
  try {
    const child = spawn(process.execPath, [path.join(ROOT, 'packages/cli/src/main.ts'), ...args], {
      cwd,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let stdout = ''
    child.stdout.on('data', (bytes) => {
      stdout += bytes
    })
    const code = await new Promise((resolve) => child.on('close', resolve))
    if (code !== 0) throw new Error(`enigma ${args.join(' ')} ended with ${code}`)
    return { answer: JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as answer, ms: performance.now() - started }
  } finally {
    await rm(cwd, { recursive: true, force: true })
  }
}

const seconds = (ms: number) => Math.round(ms / 10) / 100
