import { describe, expect, test } from 'vitest'
import { createMachineEngine } from '../src/testing/machine-engine.ts'
import { account, CONTRACT, vmFixture } from './testing/fixtures.ts'
import { runVmTest, type VmFixture } from './vm-test.ts'

const engine = await createMachineEngine()
const run = (fixture: VmFixture) => runVmTest(fixture, engine)
const hex = (value: number) => `0x${value.toString(16)}`

/** Stores 2 + 3 in slot 0 and returns the word 7: under the prices of 2015. */
const CODE = '0x600260030160005560076000526020 6000f3'.replace(' ', '')
const COST = 3 * 3 + 3 + 20_000 + 3 * 2 + 3 + 3 + 3 * 2
const fixture = vmFixture(CODE, {
  gas: hex(100_000 - COST),
  out: `0x${'07'.padStart(64, '0')}`,
  storage: { '0x00': '0x05' },
})

test('passes a frame that returns, stores, logs and costs what the fixture tells', async () => {
  expect(await run(fixture)).toEqual({ kind: 'passed' })
})

describe('fails a fixture whose', () => {
  test.each([
    ['output', { out: '0x08' }],
    ['storage', { post: { [CONTRACT]: account({ storage: { '0x00': '0x06' } }) } }],
    ['storage, where it tells of a slot too few', { post: { [CONTRACT]: account({}) } }],
    ['logs hash', { logs: `0x${'11'.repeat(32)}` }],
    ['gas', { gas: hex(100_000 - COST + 1) }],
  ])('%s was altered', async (name, change) => {
    const verdict = await run({ ...fixture, ...change })
    expect(verdict).toMatchObject({ kind: 'failed', why: expect.stringContaining(name.split(/[ ,]/)[0] as string) })
  })
})

describe('gas of 2015', () => {
  test.each([
    ['SLOAD at 50', '0x60005450', 3 + 50 + 2],
    ['EXP at 10 a byte', '0x61010060020a50', 3 + 3 + 10 + 20 + 2],
    ['BALANCE at 20', '0x30315000', 2 + 20 + 2],
    ['SSTORE of nothing over nothing at 5,000', '0x5860005558 50'.replace(' ', ''), 2 + 3 + 5_000 + 2 + 2],
    ['SSTORE twice: filled at 20,000, changed at 5,000', '0x600160005560026000556000600055', 2 * 9 + 20_000 + 10_000],
  ])('%s', async (_, code, cost) => {
    const told = { '0x5860005558': {} }
    const exact = vmFixture(code, { gas: hex(100_000 - cost), storage: told[code as keyof typeof told] ?? {} })
    expect(await run(exact)).toEqual({ kind: 'passed' })
    expect((await run({ ...exact, gas: hex(100_000 - cost - 1) })).kind).toBe('failed')
  })

  test('does not count where the program looks at its gas after a price that has changed', async () => {
    expect(await run(vmFixture('0x600054505a50', { gas: '0x01' }))).toEqual({ kind: 'passed' })
  })

  test('was enough for a program that today’s prices would stop', async () => {
    // 19 loads of 50 and 2,100 gas, with 1,000 gas to spend.
    const code = `0x${Array.from({ length: 15 }, (_, i) => `60${i.toString(16).padStart(2, '0')}5450`).join('')}`
    const poor = vmFixture(code, { gas: hex(1_000 - 15 * 55) })
    expect(await run({ ...poor, exec: { ...poor.exec, gas: hex(1_000) } })).toEqual({ kind: 'passed' })
  })
})

describe('an expected failure', () => {
  test('passes where the frame halts', async () => {
    expect(await run(vmFixture('0xfe', {}))).toEqual({ kind: 'passed' })
  })

  test('passes where the prices of 2015 used the gas up', async () => {
    // Six writes of nothing: 5,000 gas each then, 2,200 at most now.
    const code = `0x${'6000600055'.repeat(6)}`
    const fixture = vmFixture(code, {})
    expect(await run({ ...fixture, exec: { ...fixture.exec, gas: hex(29_000) } })).toEqual({ kind: 'passed' })
  })

  test('fails where the frame returns', async () => {
    expect(await run(vmFixture('0x6001600201', {}))).toMatchObject({ kind: 'failed' })
  })

  test('is skipped where an opcode was none then', async () => {
    expect(await run(vmFixture('0x5f', {}))).toMatchObject({ kind: 'skipped' })
  })
})

test('skips a frame whose calls were noted and never made', async () => {
  expect(await run({ ...fixture, callcreates: [{}] })).toMatchObject({ kind: 'skipped' })
})
