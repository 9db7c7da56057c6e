import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { createSimulatedPki } from '@enigma/attestation/simulated'
import { bytesToHex } from '@enigma/protocol'
import { afterAll, describe, expect, test } from 'vitest'
import { runProgram } from '../program.ts'
import { commands } from './index.ts'

const AT = 1_790_000_000
const MEASUREMENT = `0x${'ab'.repeat(32)}` as const
const pki = createSimulatedPki({ now: AT })
const quote = pki.quote({ platformName: 'machine', measurement: MEASUREMENT, reportData: new Uint8Array(64).fill(7) })

const cwd = mkdtempSync(path.join(tmpdir(), 'enigma-quote-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))
const put = (name: string, content: string | Uint8Array) => writeFileSync(path.join(cwd, name), content)
put('quote.bin', quote)
put('quote.hex', `${bytesToHex(quote).toUpperCase().replace('0X', '0x')}\n`)
put('collateral.json', JSON.stringify(pki.collateral()))
put('root.der', pki.trustRoot.certificate)
put(
  'broken.bin',
  quote.map((byte, i) => (i === 200 ? byte ^ 1 : byte)),
)
put('short.bin', quote.subarray(0, 100))
put('no.json', '{')

async function run(...args: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const code = await runProgram([...args, '--json'], commands, {
    streams: { stdout: stdout as never, stderr: stderr as never },
    ...{ cwd, env: {}, signal: new AbortController().signal, isTerminal: false },
  })
  return { code, answer: JSON.parse(String(stdout.read())), stderr: String(stderr.read()) }
}

const verify = (quoteFile: string, ...more: string[]) =>
  run('quote', 'verify', quoteFile, '--collateral', 'collateral.json', ...more)

describe('enigma quote verify', () => {
  test('takes a genuine quote, from bytes or from hex, and says what it vouches for', async () => {
    for (const file of ['quote.bin', 'quote.hex']) {
      expect(await verify(file, '--at', String(AT), '--trust-root', 'simulated')).toMatchObject({
        code: 0,
        answer: {
          ...{ accept: true, trustRoot: 'simulated', tcbStatus: 'UpToDate', measurement: MEASUREMENT, debug: false },
          ...{ reportData: `0x${'07'.repeat(64)}`, defaultPolicy: { accept: true } },
        },
        stderr: expect.stringContaining('nothing it runs is private'),
      })
    }
    expect(await verify('quote.bin', '--at', String(AT), '--trust-root', 'root.der')).toMatchObject({ code: 0 })
  })

  test('S15: refuses a simulated quote unless it is told to trust that root', async () => {
    expect(await verify('quote.bin', '--at', String(AT))).toMatchObject({ code: 1, answer: { accept: false } })
  })

  test('S17: refuses a changed quote, a cut one, and one that is judged too late, each with its code', async () => {
    const trust = ['--trust-root', 'simulated', '--at']
    expect((await verify('broken.bin', ...trust, String(AT))).answer).toMatchObject({
      accept: false,
      code: 'QUOTE_SIGNATURE',
    })
    expect((await verify('short.bin', ...trust, String(AT))).answer).toMatchObject({ accept: false })
    expect((await verify('quote.bin', ...trust, String(AT + 365 * 86_400))).answer).toMatchObject({ accept: false })
  })

  test('names a file that it can’t read', async () => {
    expect(await verify('none.bin')).toMatchObject({ code: 1, answer: { error: { code: 'FILE' } } })
    const { answer } = await run('quote', 'verify', 'quote.bin', '--collateral', 'no.json')
    expect(answer.error.message).toBe('no.json: not JSON.')
  })
})

test('enigma quote show prints the fields of a quote and says that nothing was verified', async () => {
  const { code, answer, stderr } = await run('quote', 'show', 'quote.bin')
  expect(code).toBe(0)
  expect(answer).toMatchObject({ version: 3, kind: 'sgx', mrEnclave: MEASUREMENT, isDebug: false })
  expect(stderr).toContain(MEASUREMENT)
  expect(stderr).toContain('Not verified')
})
