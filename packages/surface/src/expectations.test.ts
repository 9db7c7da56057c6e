import { abiUint, concatBytes, label } from '@enigma/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { createExpectations, type Expectations } from './expectations.ts'
import type { StateKeys } from './state.ts'
import { addressOf, hashOf, sampleRow } from './testing/tasks.ts'

const row = sampleRow(1)
const slot = (byte: number) => ({ address: addressOf(byte), slot: hashOf(byte) })
const PREFETCH = label('enigmaPrefetch(bytes4)').slice(0, 10)
const wide = (value: number) => `0x${value.toString(16).padStart(64, '0')}` as const

let dryRuns: { to: string; data: string }[]
let told: StateKeys | Error
/** What the dApp says that it prefetches: ranges of the accounts and first slots, one slot each. */
let named: readonly (readonly [account: string, slot: number, count: number])[]
let asked: string[]
let expectations: Expectations
const isQuestion = (data: string) => data.startsWith(PREFETCH)
beforeEach(() => {
  dryRuns = []
  asked = []
  named = []
  told = { accounts: [addressOf(3)], slots: [slot(3)] }
  expectations = createExpectations({
    accessList: async (call) => {
      if (isQuestion(call.data)) return { accounts: [addressOf(7)], slots: [slot(7)] }
      dryRuns.push(call)
      if (told instanceof Error) throw told
      return told
    },
    call: async ({ data }) => {
      asked.push(data)
      if (told instanceof Error) throw told
      const words = named.flatMap(([account, first, count]) => [BigInt(account), BigInt(first), BigInt(count)])
      return concatBytes(...[32n, BigInt(named.length), ...words].map((value) => abiUint(value).word))
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
  expect(asked).toHaveLength(1)
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

describe('what a dApp prefetches', () => {
  const OTHER = addressOf(0x44)
  const at = (address: typeof OTHER, value: number) => ({ address, slot: wide(value) })

  test('comes along the first time already, with what the dApp reads to name it, and its accounts', async () => {
    named = [
      [addressOf(2), 5, 2],
      [OTHER, 9, 1],
    ]
    const { accounts, slots } = await expectations.of(row)
    expect(asked).toEqual([`${PREFETCH}11223344${'00'.repeat(28)}`])
    expect(accounts).toEqual([addressOf(2), OTHER, addressOf(7), addressOf(3)])
    expect(slots).toEqual([slot(7), at(addressOf(2), 5), at(addressOf(2), 6), at(OTHER, 9), slot(3)])
  })

  test('is asked for at each task while it is something, since it follows from the state', async () => {
    named = [[OTHER, 1, 1]]
    await expectations.of(row)
    named = [[OTHER, 2, 1]]
    expect((await expectations.of(row)).slots).toEqual([slot(7), at(OTHER, 2), slot(3)])
    named = []
    expect((await expectations.of(row)).slots).toEqual([slot(3)])
    await expectations.of(row)
    expect(asked).toHaveLength(3)
  })

  test('is asked for again once Core has missed something', async () => {
    await expectations.of(row)
    await expectations.of(row)
    expect(asked).toHaveLength(1)
    expectations.learn(row, { accounts: [], slots: [slot(9)] })
    named = [[OTHER, 1, 1]]
    expect((await expectations.of(row)).slots).toContainEqual(at(OTHER, 1))
  })

  test('does not displace what is remembered, and is nothing where it is more than a task may read', async () => {
    named = [[OTHER, 0, 1_000]]
    expect((await expectations.of(row)).slots).toHaveLength(1_002)
    named = [[OTHER, 0, 1_025]]
    expect((await expectations.of(row)).slots).toEqual([slot(3)])
  })

  test('brings no more accounts along than fit, whatever it names', async () => {
    named = Array.from({ length: 20 }, (_, index) => [addressOf(0x50 + index), 1, 1] as const)
    const { accounts, slots } = await expectations.of(row)
    expect([accounts.length, slots.length]).toEqual([12, 22])
  })
})
