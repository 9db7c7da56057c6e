/** `enigma …` as a process, as a shell starts it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../../packages/cli/bin/enigma.mjs', import.meta.url))

export type Running = {
  child: ChildProcess
  /** The last line of stdout so far, as JSON; undefined before there is one. */
  answer(): ReturnType<typeof JSON.parse>
  stderr(): string
  finished: Promise<{ code: number | null; answer: ReturnType<typeof JSON.parse>; stderr: string }>
}

/** Starts `enigma ARGS --json` in `cwd`. */
export function enigma(cwd: string, ...args: string[]): Running {
  const child = spawn(process.execPath, [BIN, ...args, '--json'], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  const text = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk
    })
  }
  const answer = () => {
    const line = text.stdout.trimEnd().split('\n').at(-1)
    return line ? JSON.parse(line) : undefined
  }
  const finished = new Promise<number | null>((resolve) => child.once('close', resolve))
  return {
    child,
    answer,
    stderr: () => text.stderr,
    finished: finished.then((code) => ({ code, answer: answer(), stderr: text.stderr })),
  }
}
