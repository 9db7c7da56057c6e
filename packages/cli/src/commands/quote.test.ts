import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { createSimulatedPki } from '@enigma/attestation/simulated'
import { bytesToHex } from '@enigma/protocol'
import { afterAll, describe, expect, test } from 'vitest'
import { runProgram } from '../program.ts'
import { commands } from './index.ts'

const AT = 1_790_000_000
const MEASUREMENT = `0x${'ab'.repeat(32)}` as const
const pki = createSimulatedPki({ now: AT })
const request = { platformName: 'machine', measurement: MEASUREMENT, reportData: new Uint8Array(64).fill(7) }
const quote = pki.quote(request)

const cwd = mkdtempSync(path.join(tmpdir(), 'enigma-quote-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))
const put = (name: string, content: string | Uint8Array) => writeFileSync(path.join(cwd, name), content)
put('quote.bin', quote)
put('quote.hex', `${bytesToHex(quote).toUpperCase().replace('0X', '0x')}\n`)
put(
  'quote.b64',
  `${Buffer.from(quote)
    .toString('base64')
    .match(/.{1,76}/g)
    ?.join('\n')}\n`,
)
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
  test('takes a genuine quote, from bytes, hex or base64, and says what it vouches for', async () => {
    for (const file of ['quote.bin', 'quote.hex', 'quote.b64']) {
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

  test('lets the policy of a file decide, and says then nothing of the default one', async () => {
    const trust = ['--trust-root', 'simulated', '--at', String(AT), '--policy', 'policy.json']
    put('policy.json', JSON.stringify({ tcbStatuses: ['UpToDate'], advisoryIds: [], measurements: [MEASUREMENT] }))
    const { code, answer } = await verify('quote.bin', ...trust)
    expect([code, answer.accept, 'defaultPolicy' in answer]).toEqual([0, true, false])
    put('policy.json', JSON.stringify({ tcbStatuses: ['OutOfDate'], advisoryIds: [] }))
    expect(await verify('quote.bin', ...trust)).toMatchObject({
      code: 1,
      answer: { accept: false, code: 'TCB_STATUS_REFUSED' },
    })
  })

  test('S16: refuses a platform of a revoked level with no policy at all, and reports one that is out of date', async () => {
    const trust = ['--trust-root', 'simulated', '--at', String(AT)]
    const firmware = { pceSvn: 11, components: [12, 14, 3, 3, 255, 255, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0] }
    put('old.bin', pki.quote({ ...request, firmware }))
    expect(await verify('old.bin', ...trust)).toMatchObject({
      code: 0,
      answer: { tcbStatus: 'OutOfDate', defaultPolicy: { accept: false, code: 'TCB_STATUS_REFUSED' } },
    })
    put('revoked.bin', pki.quote({ ...request, firmware: { components: Array<number>(16).fill(0), pceSvn: 1 } }))
    expect(await verify('revoked.bin', ...trust)).toMatchObject({ code: 1, answer: { code: 'TCB_STATUS_REFUSED' } })
  })

  test('ends with 2 where a file cannot be read as what it should be, and names it', async () => {
    expect(await verify('none.bin')).toMatchObject({ code: 2, answer: { error: { code: 'FILE' } } })
    const { code, answer } = await verify('quote.bin', '--policy', 'no.json')
    expect([code, answer.error.message]).toEqual([2, 'no.json: not JSON.'])
    put('policy.json', JSON.stringify({ tcbStatus: ['UpToDate'], advisoryIds: [] }))
    const policy = await verify('quote.bin', '--trust-root', 'simulated', '--policy', 'policy.json')
    expect(policy.code).toBe(2)
    expect(policy.answer.error.message).toMatch(/^policy.json: .*tcbStatuses.*tcbStatus/)
  })

  test('refuses what is no collateral by its code, JSON or not', async () => {
    put('list.json', '[]')
    for (const file of ['list.json', 'no.json']) {
      const list = await run('quote', 'verify', 'quote.bin', '--collateral', file)
      expect(list).toMatchObject({ code: 1, answer: { accept: false, code: 'COLLATERAL_FORMAT' } })
    }
  })
})

const folder = process.env.ENIGMA_VECTORS ?? fileURLToPath(new URL('../../../../../shared/vectors', import.meta.url))
const manifest = path.join(folder, 'dcap', 'manifest.json')
type RealQuote = {
  name: string
  dir: string
  trustRoot: string
  verifyAt: number
  expected: { accept: boolean; status?: string; error?: string; advisoryIds?: string[] }
}
const real: RealQuote[] = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).vectors : []

if (real.length === 0)
  test.skip(`real quotes are not on this machine: ENIGMA_VECTORS, not found at ${folder}`, () => {})

describe.runIf(real.length > 0)('a real quote', () => {
  test.each(real)('$name is judged as its manifest says', async ({ dir, trustRoot, verifyAt, expected }) => {
    const file = (name: string) => path.join(folder, 'dcap', name)
    const files = [file(`${dir}/quote.bin`), '--collateral', file(`${dir}/collateral.json`)]
    const { code, answer } = await run(
      'quote',
      'verify',
      ...files,
      '--at',
      `${verifyAt}`,
      '--trust-root',
      file(trustRoot),
    )
    const { accept, status, error, advisoryIds } = expected
    expect(code).toBe(accept ? 0 : 1)
    expect(answer).toMatchObject(
      accept ? { accept, tcbStatus: status, ...(advisoryIds && { advisoryIds }) } : { accept, code: error },
    )
  })

  test.each(real)('$name is shown with every field, and cut anywhere up to the fault', async ({ dir }) => {
    const file = path.join(folder, 'dcap', dir, 'quote.bin')
    expect(await run('quote', 'show', file)).toMatchObject({
      code: 0,
      answer: { qeReport: { isvProdId: expect.any(Number) } },
    })
    const whole = readFileSync(file)
    for (const length of [0, 47, 300, 700, 1000]) {
      put('cut.bin', whole.subarray(0, length))
      expect(await run('quote', 'show', 'cut.bin')).toMatchObject({
        code: 1,
        answer: { fault: { code: 'QUOTE_TRUNCATED' } },
      })
    }
  })
})

describe('enigma quote show', () => {
  test('prints the fields of a quote and says that nothing was verified', async () => {
    const { code, answer, stderr } = await run('quote', 'show', 'quote.bin')
    expect(code).toBe(0)
    expect(answer).toMatchObject({
      ...{ version: 3, mrEnclave: MEASUREMENT, reportData: `0x${'07'.repeat(64)}`, certificationType: 5 },
      qeReport: { isvProdId: 1, isvSvn: 8 },
      certificate0: { subject: 'Simulated SGX PCK Certificate', issuer: 'Simulated SGX PCK Platform CA' },
      certificate2: { subject: 'Simulated SGX Root CA' },
      platform: { fmspc: '0x00606a000000', pceSvn: 13 },
    })
    expect(stderr).toContain(MEASUREMENT)
    expect(stderr).toContain('Not verified')
  })

  test('shows a broken quote as far as it goes, and the fault', async () => {
    const { code, answer, stderr } = await run('quote', 'show', 'short.bin')
    expect(code).toBe(1)
    expect(answer).toMatchObject({ version: 3, attestationKeyType: 2, fault: { code: 'QUOTE_TRUNCATED' } })
    expect(answer).not.toHaveProperty('mrEnclave')
    expect(stderr).toContain('QUOTE_TRUNCATED')
    put('framed.bin', new Uint8Array([1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ...quote]))
    const framed = await run('quote', 'show', 'framed.bin')
    expect(framed.answer.fault).toMatchObject({
      code: 'QUOTE_VERSION',
      message: expect.stringContaining('Open Enclave'),
    })
  })

  test('shows a chain that is none as bytes, and counts what stands behind a quote', async () => {
    const end = quote.length
    put(
      'chain.bin',
      quote.map((byte, at) => (at === end - 500 ? byte ^ 1 : byte)),
    )
    expect((await run('quote', 'show', 'chain.bin')).answer).toMatchObject({
      certification: expect.stringMatching(/^0x/),
    })
    put('padded.bin', new Uint8Array([...quote, 0, 0, 0]))
    expect((await run('quote', 'show', 'padded.bin')).answer).toMatchObject({ paddingBytes: 3 })
  })
})
