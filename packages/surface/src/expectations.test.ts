import { beforeEach, expect, test } from 'vitest'
import { createExpectations, type Expectations } from './expectations.ts'
import type { StateKeys } from './state.ts'
import { addressOf, hashOf, sampleRow } from './testing/tasks.ts'

const row = sampleRow(1)
const slot = (byte: number) => ({ address: addressOf(byte), slot: hashOf(byte) })
const wide = (value: number) => `0x${value.toString(16).padStart(64, '0')}` as const

let dryRuns: { to: string; data: string }[]
let told: StateKeys | Error
let expectations: Expectations
beforeEach(() => {
  dryRuns = []
  told = { accounts: [addressOf(3)], slots: [slot(3)] }
  expectations = createExpectations({
    accessList: async (call) => {
      dryRuns.push(call)
      if (told instanceof Error) throw told
      return told
    },
  })
})

test('the first time the node is asked for a dry run, of the callback’s name and of the function on zeros', async () => {
  expect(await expectations.of(row)).toEqual({ accounts: [addressOf(3)], slots: [slot(3)] })
  expect(dryRuns.map(({ data }) => data.slice(0, 18))).toEqual(['0x7cfe83b811223344', `0x1122334400000000`])
  await expectations.of(row)
  expect(dryRuns).toHaveLength(2)
})

test('what Core asks for is expected from then on, of this function alone', async () => {
  expectations.learn(row, { accounts: [addressOf(4)], slots: [slot(5)] })
  expect(await expectations.of(row)).toEqual({ accounts: [addressOf(4)], slots: [slot(5)] })
  expect(dryRuns).toEqual([])
  await expectations.of({ ...row, task: { ...row.task, callable: '0x55667788' } })
  expect(dryRuns).toHaveLength(2)
})

test('a node that makes no access lists, or refuses the call, costs nothing and is not asked again', async () => {
  told = new Error('the method does not exist')
  expect(await expectations.of(row)).toEqual({ accounts: [], slots: [] })
  expect(await expectations.of(row)).toEqual({ accounts: [], slots: [] })
  expect(dryRuns).toHaveLength(2)
})

test('no more is brought along than fits, whatever the node says or a function reads', async () => {
  const many = { address: addressOf(3), count: 2_000 }
  const slots = Array.from({ length: many.count }, (_, index) => ({ address: many.address, slot: wide(index) }))
  told = { accounts: slots.map(({ slot }) => `0x${slot.slice(26)}` as const), slots }
  const expected = await expectations.of(row)
  expect([expected.accounts.length, expected.slots.length]).toEqual([12, 256])
  expectations.learn(row, { accounts: [], slots: [slot(9)] })
  // The newest stay.
  expect((await expectations.of(row)).slots).toContainEqual(slot(9))
  expect((await expectations.of(row)).slots).toHaveLength(256)
})
