import { describe, expect, test } from 'vitest'
import type { Engine, Run } from '../../src/testing/engine.ts'
import { createMachineEngine } from '../../src/testing/machine-engine.ts'
import { createOracle } from '../../src/testing/oracle.ts'
import { differenceOf } from './difference.ts'
import { type Found, fuzz } from './run.ts'
import { scenarioOf } from './scenario.ts'

const oracle = createOracle()

test('300 programs from a fixed seed end as they do in @ethereumjs/evm', async () => {
  const subject = await createMachineEngine()
  const { programs, found } = await fuzz({ subject, oracle, seed: 20_251_122, isDone: (done) => done === 300 })
  expect(found).toEqual([])
  expect(programs).toBe(300)
})

test('the same seed makes the same program', () => {
  expect(scenarioOf(7).world).toEqual(scenarioOf(7).world)
  expect(scenarioOf(7).frame.message).toEqual(scenarioOf(7).frame.message)
})

test('programs are of all kinds: about as many end well as badly', async () => {
  const ends = { returned: 0, reverted: 0, halted: 0 }
  for (let seed = 0; seed < 150; seed++) {
    const { frame, world } = scenarioOf(seed)
    ends[(await oracle.run(frame, world)).status]++
  }
  expect(ends.returned).toBeGreaterThan(45)
  expect(ends.halted).toBeGreaterThan(15)
  expect(ends.reverted).toBeGreaterThan(2)
})

describe('engines that agree but for their', () => {
  const address = `0x${'77'.repeat(20)}` as const
  const stranger = { nonce: 1n, balanceWei: 0n, code: new Uint8Array(), storage: new Map() }

  test.each<[string, (run: Run) => Partial<Run>]>([
    ['status', () => ({ status: 'reverted' })],
    ['gas left', ({ gasLeft }) => ({ gasLeft: gasLeft + 1n })],
    ['output', () => ({ output: Uint8Array.of(1, 2, 3) })],
    ['refund', ({ refund }) => ({ refund: refund + 1n })],
    ['logs', ({ logs }) => ({ logs: [...logs, { address, topics: [], data: new Uint8Array() }] })],
    ['world', ({ world }) => ({ world: new Map([...world, [address, stranger]]) })],
  ])('%s differ', async (what, change) => {
    const other: Engine = {
      id: 'other',
      run: async (frame, world) => {
        const run = await oracle.run(frame, world)
        return { ...run, ...change(run) }
      },
    }
    const { frame, world } = scenarioOf(1)
    const idle = new Map(
      [...world].map(([account, fields]) => [account, { ...fields, code: new Uint8Array() }] as const),
    )
    expect(await differenceOf({ frame, world: idle }, other, oracle)).toMatchObject({ what })
  })
})

describe('a planted mistake', () => {
  /** The oracle, but that a program which writes transient storage is a unit of gas cheaper. */
  const wrong: Engine = {
    id: 'wrong',
    run: async (frame, world) => {
      const run = await oracle.run(frame, world)
      const writes = [...world.values()].some(({ code }) => code.includes(0x5d))
      return writes && run.status === 'returned' ? { ...run, gasLeft: run.gasLeft + 1n } : run
    },
  }

  async function firstFound(seed: number): Promise<Found | undefined> {
    const { found } = await fuzz({ subject: wrong, oracle, seed, isDone: (done) => done === 60 })
    return found[0]
  }

  test('is found, and made small', async () => {
    const found = await firstFound(1)
    expect(found?.difference).toMatch(/^gas left: wrong has/)
    const codes = (found?.minimal.match(/code 0x([0-9a-f]*)/g) ?? []).map((text) => text.length / 2 - 3.5)
    expect(codes.length).toBeGreaterThan(0)
    expect(Math.max(...codes)).toBeLessThan(60)
  })

  test('is found again by its own seed', async () => {
    const found = await firstFound(1)
    const again = await fuzz({ subject: wrong, oracle, seed: found?.seed ?? 0, isDone: (done) => done === 1 })
    expect(again.found).toEqual([found])
  })
})
