import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))
const given = {
  ENIGMA_CHAIN_ID: '31337',
  ENIGMA_VERIFIER: `0x${'22'.repeat(20)}`,
  ENIGMA_ATTESTER_KEY: `0x${'11'.repeat(32)}`,
}

function start(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, output }))
  return { child, ended }
}

describe('the attestation process', () => {
  test('prints its options and ends with 0 when asked for help', async () => {
    const { code, output } = await start(['--help']).ended
    expect(code).toBe(0)
    expect(output).toContain('--chain-id, ENIGMA_CHAIN_ID')
  })

  test('ends with 2 and names every mistake of its configuration', async () => {
    const { code, output } = await start(['--port', 'many'], { ENIGMA_CHAIN_ID: '31337' }).ended
    expect(code).toBe(2)
    expect(output).toContain('port: expected a whole number; verifier: missing; attesterKey: missing')
  })

  test('ends with 2 for a flag that it does not have', async () => {
    expect((await start(['--attester-key', 'abc'], given).ended).code).toBe(2)
  })

  test('tells where it listens, answers, and ends with 0 on SIGTERM', async () => {
    const { child, ended } = start(['--port', '0', '--pcs', 'simulated'], given)
    const [message] = (await once(child, 'message')) as [{ type: string; url: string; attester: string }]
    expect(message).toMatchObject({ type: 'ready', attester: '0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a' })
    expect(await (await fetch(`${message.url}/healthz`)).json()).toEqual({ status: 'ok' })
    child.kill('SIGTERM')
    const { code, output } = await ended
    expect(code).toBe(0)
    const events = output
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { event: string }).event)
    expect([events[0], events.at(-1)]).toEqual(['ready', 'stopped'])
  })
})
