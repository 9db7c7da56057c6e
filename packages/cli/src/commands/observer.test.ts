import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { type Anvil, startAnvil, until } from '@enigma/process/testing'
import { bytesToHex, type Hex, signerAddress } from '@enigma/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runProgram } from '../program.ts'
import { commands } from './index.ts'

const cwd = mkdtempSync(path.join(tmpdir(), 'enigma-observer-'))
const key = new Uint8Array(32).fill(0x0b)
let anvil: Anvil
beforeAll(async () => {
  anvil = await startAnvil()
  await anvil.mine(3)
  writeFileSync(path.join(cwd, 'key'), `${bytesToHex(key)}\n`)
})
afterAll(async () => {
  await anvil.stop()
  rmSync(cwd, { recursive: true, force: true })
})

function run(args: readonly string[], signal: AbortSignal) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  let said = ''
  stdout.on('data', (chunk) => {
    said += chunk
  })
  const code = runProgram(['observer', ...args, '--json'], commands, {
    streams: { stdout: stdout as never, stderr: stderr as never },
    ...{ cwd, env: {}, signal, isTerminal: false },
  })
  return { code, said: () => said, stderr }
}

describe('enigma observer', () => {
  test('says who it is and where, signs, and ends with Ctrl-C', async () => {
    const stopping = new AbortController()
    const where = ['--rpc-url', anvil.url, '--chain-id', '31337', '--depth', '1', '--port', '0']
    const { code, said } = run([...where, '--observer-key-file', 'key'], stopping.signal)
    await until(() => said().includes('\n'))
    const { observer, url, depth } = JSON.parse(said()) as { observer: Hex; url: string; depth: number }
    expect([observer, depth]).toEqual([signerAddress(key), 1])
    const response = await fetch(`${url}/v1/headers/2`)
    expect(await response.json()).toMatchObject({ chainId: '31337', number: '2', observer })
    stopping.abort()
    expect(await code).toBe(0)
    await expect(fetch(url)).rejects.toThrow()
  })

  test('names everything that is missing at once, and where keys may come from', async () => {
    const { code, said } = run(['--chain-id', 'x'], new AbortController().signal)
    expect(await code).toBe(1)
    const { error } = JSON.parse(said()) as { error: { code: string; message: string } }
    expect(error.code).toBe('CONFIG')
    for (const part of ['--rpc-url', '--chain-id', '--depth', 'ENIGMA_OBSERVER_KEY or --observer-key-file']) {
      expect(error.message).toContain(part)
    }
  })
})
