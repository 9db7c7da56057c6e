import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { eventually, isRunning, treeOf } from '@enigma/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { enigma as start } from './support/command-line.ts'

/** anvil, PCS, attestation, Principal and its Core, Surface and its Core; whatever wraps them becomes them. */
const PROCESSES = 7

/** Of the collateral that the chain holds. */
const PARTS = ['rootCrl', 'pckCa-platform', 'pckCrl-platform', 'tcbSigner', 'tcbInfo-00606a000000', 'qeIdentity']

let cwd: string
let started: ChildProcess[]
beforeEach(() => {
  cwd = mkdtempSync(path.join(tmpdir(), 'enigma-up-'))
  started = []
})
afterEach(async () => {
  for (const child of started) child.kill('SIGKILL')
  await eventually('the end of everything', () => started.every(({ pid = 0 }) => !isRunning(pid)))
  rmSync(cwd, { recursive: true, force: true })
})

/** Starts `enigma …` in a folder of its own. */
function enigma(...args: string[]) {
  const running = start(cwd, ...args)
  started.push(running.child)
  return {
    ...running,
    /** What the network says of itself once it is ready. */
    ready: () =>
      eventually('a network that is ready', () => {
        if (running.child.exitCode !== null) throw new Error(`enigma up ended early:\n${running.stderr()}`)
        return running.answer()
      }),
  }
}

const runs = async (...args: string[]) => {
  const { code, answer } = await enigma(...args).finished
  return { code, answer }
}

const networkFile = () => path.join(cwd, '.enigma/network.json')
const below = (child: ChildProcess) => treeOf(child.pid ?? 0).slice(1)
const allGone = (pids: readonly number[]) =>
  eventually(`the end of ${pids.length} processes`, () => pids.every((pid) => !isRunning(pid)), { withinMs: 10_000 })

test('Ctrl-C leaves no process and no network file, and the exit code is 0', async () => {
  const up = enigma('up', '--workers', '1')
  const facts = await up.ready()
  expect(facts).toMatchObject({ chainId: 31_337, workers: 1, simulated: true, accounts: expect.any(Array) })
  expect(JSON.parse(readFileSync(networkFile(), 'utf8'))).toMatchObject({ enigma: facts.enigma, pid: up.child.pid })
  const pids = below(up.child)
  expect(pids.length).toBeGreaterThanOrEqual(PROCESSES)
  up.child.kill('SIGINT')
  expect((await up.finished).code).toBe(0)
  await allGone(pids)
  expect(existsSync(networkFile())).toBe(false)
})

test('kill -9 of the supervisor leaves no process, and the next start clears away what it left in the folder', async () => {
  const up = enigma('up', '--workers', '1')
  await up.ready()
  const pids = below(up.child)
  expect(pids.length).toBeGreaterThanOrEqual(PROCESSES)
  up.child.kill('SIGKILL')
  await up.finished
  await allGone(pids)
  // Nobody was left to remove it.
  expect(existsSync(networkFile())).toBe(true)
  expect(await runs('status')).toMatchObject({ code: 1, answer: { error: { code: 'NO_NETWORK' } } })

  const again = enigma('up', '--workers', '1')
  const facts = await again.ready()
  expect(await runs('status')).toMatchObject({
    code: 0,
    answer: {
      ...{ up: true, services: { attestation: true, principal: true }, seats: [{ seat: 0, live: true }] },
      collateral: { state: 'good', parts: PARTS.map(() => ({ validUntil: expect.any(Number) })) },
    },
  })
  // The keeper was there first.
  expect(await runs('attestation', 'sync')).toMatchObject({
    code: 0,
    answer: { gas: '0', parts: PARTS.map((label) => ({ label, state: 'current' })) },
  })
  expect(await runs('up')).toMatchObject({
    code: 1,
    answer: { error: { code: 'ALREADY_UP', message: expect.stringContaining(facts.rpcUrl) } },
  })
  expect(await runs('worker', 'status', '--seat', '7')).toMatchObject({ code: 1 })
  const rest = below(again.child)
  expect(await runs('down')).toEqual({ code: 0, answer: { stopped: true } })
  expect((await again.finished).code).toBe(0)
  await allGone(rest)
  expect(await runs('down')).toEqual({ code: 0, answer: { stopped: false } })
})
