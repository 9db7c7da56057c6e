/** What a fresh process pays: for its first call, and Core for being there. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { launchCore } from '@enigma/core/launch'
import { type Figure, median } from '../figure.ts'
import { compileWorkloads } from './workloads.ts'

const RUNS = 7

export async function measureColdStart(progress: (line: string) => void): Promise<Figure[]> {
  progress(`first call of a fresh process, ${RUNS} times …`)
  const { workloads } = compileWorkloads()
  const small = workloads.find(({ kind }) => kind === 'small')
  if (!small) throw new Error('There is no small workload.')
  const told: { importMs: number; callMs: number }[] = []
  for (let run = 0; run < RUNS; run++)
    told.push(await firstCall(JSON.stringify({ code: small.code, data: small.data })))
  return [
    {
      name: 'first call of a fresh process',
      value: tenths(median(told.map(({ callMs }) => callMs))),
      unit: 'ms',
      target: 15,
      better: 'lower',
      bound: `Compiles the machine, runs "${small.name}" once; to load its modules as sources takes ${tenths(median(told.map(({ importMs }) => importMs)))} ms before.`,
    },
  ]
}

/** A child that is given the call on its stdin and answers with its times. */
async function firstCall(call: string): Promise<{ importMs: number; callMs: number }> {
  const program = path.join(import.meta.dirname, 'first-call.ts')
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(call)
  let stdout = ''
  for await (const text of child.stdout) stdout += text
  return JSON.parse(stdout)
}

export async function measureCoreMemory(progress: (line: string) => void): Promise<Figure[]> {
  progress('the memory of an idle Core …')
  const core = await launchCore({
    role: 'worker',
    network: {
      chainId: 31_337n,
      enigma: `0x${'e1'.repeat(20)}`,
      observers: [`0x${'0b'.repeat(20)}`],
      threshold: 1,
      depth: 0,
      simulated: true,
      serial: 0,
    },
    platform: 'simulated',
    platformName: 'benchmark',
  })
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${core.pid}/status`, 'utf8')) ?? []
    const value = Math.round(Number(kilobytes) / 1_024)
    return [{ name: 'idle Core, resident memory', value, unit: 'MiB', target: 150, better: 'lower' }]
  } finally {
    await core.stop()
  }
}

const tenths = (value: number) => Math.round(value * 10) / 10
