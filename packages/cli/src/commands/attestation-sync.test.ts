import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { type SimulatedPcs, startSimulatedPcs } from '@enigma/attestation-service'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startVerifierChain, type VerifierChain } from '../../../attestation-service/src/testing/verifier.ts'
import { runProgram } from '../program.ts'
import { commands } from './index.ts'

const cwd = mkdtempSync(path.join(tmpdir(), 'enigma-sync-'))
let chain: VerifierChain
let pcs: SimulatedPcs

beforeAll(async () => {
  ;[chain, pcs] = await Promise.all([startVerifierChain(), startSimulatedPcs()])
  writeFileSync(path.join(cwd, 'key'), `${chain.key}\n`)
})
afterAll(async () => {
  await Promise.all([chain.stop(), pcs.stop()])
  rmSync(cwd, { recursive: true, force: true })
})

async function sync(args: readonly string[], env: Record<string, string> = {}) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const code = await runProgram(['attestation', 'sync', ...args, '--json'], commands, {
    streams: { stdout: stdout as never, stderr: stderr as never },
    ...{ cwd, env, signal: new AbortController().signal, isTerminal: false },
  })
  return { code, answer: JSON.parse(String(stdout.read())), stderr: String(stderr.read()) }
}
const at = (verifier: string) => ['--rpc', chain.url, '--verifier', verifier, '--service', pcs.url]
const where = () => [...at(chain.verifier), '--fmspc', '00606A000000']
const statesOf = (answer: { parts: { state: string }[] }) => answer.parts.map(({ state }) => state)

describe('enigma attestation sync', () => {
  test('says what it would send, without a key', async () => {
    const { code, answer } = await sync([...where(), '--dry-run'])
    expect([code, answer.gas, answer.parts[0]]).toMatchObject([0, '0', { label: 'rootCrl', state: 'wanted' }])
  })

  test('fills an empty contract, says what that took, and finds nothing to do the second time', async () => {
    const { code, answer, stderr } = await sync([...where(), '--key-file', 'key'])
    expect([code, statesOf(answer)]).toEqual([0, Array(6).fill('set')])
    expect(Number(answer.gas)).toBeGreaterThan(500_000)
    expect(stderr).toMatch(/tcbInfo-00606a000000 +set +missing +\d+ gas +0x/)
    const again = await sync(where(), { ENIGMA_KEEPER_KEY: chain.key })
    expect([again.code, statesOf(again.answer), again.answer.gas]).toEqual([0, Array(6).fill('current'), '0'])
  })

  test('fails where a kind of platform is not to be had', async () => {
    const { code, answer } = await sync([...where().slice(0, -1), '00906ED50000', '--key-file', 'key'])
    expect([code, answer.parts.at(-1)]).toMatchObject([1, { state: 'unavailable', code: 'UNKNOWN_PLATFORM' }])
  })

  test.each([
    ['no network and no chain', () => [], 2, 'USAGE'],
    ['an FMSPC that is none', () => [...where().slice(0, -1), 'xyz', '--key-file', 'key'], 2, 'USAGE'],
    ['no key', () => where(), 1, 'NO_KEY'],
    ['no contract there', () => [...at(`0x${'11'.repeat(20)}`), '--dry-run'], 1, 'NO_VERIFIER'],
  ])('refuses %s', async (_what, args, expected, expectedCode) => {
    const { code, answer } = await sync(args())
    expect([code, answer.error.code]).toEqual([expected, expectedCode])
  })

  test('S21: repeats no key, however wrong', async () => {
    const wrong = `${chain.key}zz`
    const { answer, stderr } = await sync(where(), { ENIGMA_KEEPER_KEY: wrong })
    expect(JSON.stringify(answer) + stderr).not.toContain(chain.key.slice(2, 20))
  })
})
