import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { eventually, isRunning, treeOf } from '@enigma/testing'
import { afterAll, expect, test } from 'vitest'
import { enigma } from './support/command-line.ts'

const cwd = mkdtempSync(path.join(tmpdir(), 'enigma-demo-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

const ADDRESS = expect.stringMatching(/^0x[0-9a-f]{40}$/)
const HASH = expect.stringMatching(/^0x[0-9a-f]{64}$/)

test('the demo finds the richest of three, shows nobody’s fortune on chain, tells all of it in one line of JSON, and leaves no process', async () => {
  const demo = enigma(cwd, 'demo', '--once', '--workers', '2')
  const seen = new Set<number>()
  await eventually('processes', () => {
    for (const pid of treeOf(demo.child.pid ?? 0)) seen.add(pid)
    return seen.size > 6
  })
  const { code, answer, stderr } = await demo.finished
  expect(code, stderr).toBe(0)
  expect(answer.workers).toBe(2)
  expect(answer.result).toEqual({
    richest: 'carol',
    member: ADDRESS,
    counted: 3,
    lead: 'at least twice as much as the next',
  })
  expect(answer.stored).toMatchObject(['alice', 'bob', 'carol'].map((name) => ({ name, bytes: 96 })))
  // A plain transaction each, and one task for all of them.
  expect(answer.tasks).toHaveLength(1)
  for (const task of answer.tasks) {
    expect(task).toEqual({
      taskId: HASH,
      epoch: expect.any(Number),
      lane: 0,
      rank: expect.any(Number),
      seat: expect.any(Number),
      signer: ADDRESS,
      quote: { trustRoot: 'simulated', tcbStatus: 'UpToDate', measurement: HASH },
      gas: { request: expect.any(Number), settle: expect.any(Number) },
      ms: expect.objectContaining({ total: expect.any(Number) }),
    })
    expect(Math.min(task.gas.request, task.gas.settle)).toBeGreaterThan(21_000)
  }
  for (const said of [
    'stored',
    'verified',
    'encrypted',
    'selected',
    'computed',
    'settled',
    'carol is the richest of 3',
  ])
    expect(stderr).toContain(said)
  expect(stderr.match(/sealed to another key/g)).toHaveLength(2)
  await eventually('the end of everything', () => [...seen].every((pid) => !isRunning(pid)))
})
