import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { until } from '@enigma/process/testing'
import { afterAll, describe, expect, test } from 'vitest'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))
const simulatedPcs = fileURLToPath(new URL('./simulated-pcs-main.ts', import.meta.url))
const dataDir = mkdtempSync(join(tmpdir(), 'enigma-attestation-'))
// A port that nothing listens on.
const given = ['--data-dir', dataDir, '--port', '0', '--upstream', 'http://127.0.0.1:9']

afterAll(() => rmSync(dataDir, { recursive: true }))

function start(args: readonly string[], program = main) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  }
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, output }))
  return { child, ended }
}

describe('the attestation process', () => {
  test('prints its options and ends with 0 when asked for help', async () => {
    const { code, output } = await start(['--help']).ended
    expect([code, output.includes('--trust-root intel|simulated')]).toEqual([0, true])
  })

  test('S15: ends with 2 for simulated hardware on a chain that is not local', async () => {
    const { code, output } = await start([...given, '--trust-root', 'simulated']).ended
    expect([code, output.includes('simulated hardware is for chains')]).toEqual([2, true])
  })

  test('tells where it listens, answers though its source is away, and ends with 0 on SIGTERM', async () => {
    const { child, ended } = start(given)
    const [message] = (await once(child, 'message')) as [{ type: string; url: string }]
    expect(message.type).toBe('ready')
    expect(await (await fetch(`${message.url}/healthz`)).json()).toEqual({ status: 'ok' })
    expect((await fetch(`${message.url}/readyz`)).status).toBe(503)
    child.kill('SIGTERM')
    const { code, output } = await ended
    expect(code).toBe(0)
    expect(output).toContain('"event":"attestation-started"')
  })

  test('becomes ready on the simulated PCS, a process beside it', async () => {
    const pcs = start(['--port', '0'], simulatedPcs)
    const [{ url: upstream }] = (await once(pcs.child, 'message')) as [{ url: string }]
    const local = ['--data-dir', dataDir, '--port', '0', '--trust-root', 'simulated', '--chain-id', '31337']
    const service = start([...local, '--fmspcs', '00606a000000', '--upstream', upstream])
    const [{ url }] = (await once(service.child, 'message')) as [{ url: string }]
    await until(async () => (await fetch(`${url}/readyz`)).status === 200, 'readiness')
    service.child.kill('SIGTERM')
    pcs.child.kill('SIGTERM')
    expect([(await service.ended).code, (await pcs.ended).code]).toEqual([0, 0])
  })
})
