import { enigmaAbi } from '@enigma/contracts'
import { bytesToHex, concatBytes, packMember, receiptHash, type Task } from '@enigma/protocol'
import { keccak256 } from 'viem'
import { decodeFunctionData } from 'viem/utils'
import { describe, expect, test } from 'vitest'
import { batchGas, batchOf, batchTopicOf, groupsOf, type ReadyRow, receiptsOf } from './batch.ts'
import type { TaskRow } from './journal.ts'
import { addressOf, hashOf, sampleRow, sampleTask } from './testing/tasks.ts'

const result = { status: 0, output: '0x1234', r: hashOf(3), vs: hashOf(4) } as const

function ready(slot: number, change: Partial<TaskRow> = {}, task: Partial<Task> = {}): ReadyRow {
  return sampleRow(slot, {
    ...sampleTask(slot, task),
    selected: { rank: 0, seat: 4 },
    result,
    ...change,
  }) as ReadyRow
}
const sizes = (rows: readonly ReadyRow[]) => groupsOf(rows).map(({ length }) => length)

describe('groups', () => {
  test('are of one seat, and members of one draw stand together', () => {
    const rows = [1, 2, 3, 4, 5, 6].map((slot) =>
      ready(slot, { selected: { rank: 0, seat: slot === 6 ? 5 : 4 } }, { lane: slot % 2 }),
    )
    const [first, second] = groupsOf(rows)
    expect(first?.map(({ task }) => task.lane)).toEqual([0, 0, 1, 1, 1])
    expect(second?.map(({ selected }) => selected.seat)).toEqual([5])
  })

  test('stay below the gas and the size that a transaction may have, and the number that Core signs', () => {
    const rows = (count: number, task: Partial<Task> = {}, output: `0x${string}` = '0x12') =>
      Array.from({ length: count }, (_, slot) => ready(slot, { result: { ...result, output } }, task))
    expect(sizes(rows(300, { callbackGas: 0 }))).toEqual([128, 128, 44])
    expect(sizes(rows(2, { callbackGas: 8_000_000 }))).toEqual([2])
    expect(sizes(rows(3, { callbackGas: 8_000_000 }))).toEqual([2, 1])
    expect(sizes(rows(20, { callbackGas: 0 }, `0x${'12'.repeat(8_192)}`))).toEqual([12, 8])
    for (const group of groupsOf(rows(100, { callbackGas: 700_000 }))) expect(batchGas(group)).toBeLessThan(2n ** 24n)
  })

  test('leave alone what failed before, and failures for which the inputs were not opened', () => {
    const unopened = ready(2, { result: { ...result, status: 1, output: '0x' } })
    const others = [1, 3, 4].map((slot) => ready(slot))
    const alone = groupsOf([...others, unopened, ready(5, { attempt: 1 })]).filter(({ length }) => length === 1)
    expect(alone.flat().map(({ task }) => task.slot)).toEqual(expect.arrayContaining([2, 5]))
    expect(groupsOf([...others, ready(6, { result: { ...result, status: 2, output: '0x' } })])).toHaveLength(1)
  })
})

test('a batch carries the members’ bytes in the order that Core signs them', () => {
  const [rows = []] = groupsOf([1, 2, 3].map((slot) => ready(slot)))
  const members = rows.map(({ packed }) => packMember({ packed, rank: 0, status: 0, output: '0x1234' }))
  const { data, gas, topic } = batchOf(rows, { r: hashOf(5), vs: hashOf(6) }, addressOf(9))
  expect(decodeFunctionData({ abi: enigmaAbi, data })).toMatchObject({
    functionName: 'settleBatch',
    args: [4n, 3n, bytesToHex(concatBytes(...members)), hashOf(5), hashOf(6)],
  })
  expect([gas, topic]).toEqual([batchGas(rows), batchTopicOf(rows)])
  expect(receiptsOf(rows)).toEqual(
    rows.map(({ id, anchor, task: { codeHash, inputsHash } }) =>
      receiptHash({ taskId: id, anchor, codeHash, inputsHash, outputHash: keccak256('0x1234'), status: 0 }),
    ),
  )
})

test('each attempt at the same members on the same branch has a name of its own', () => {
  const rows = [ready(1), ready(2)]
  const [first, second] = rows as [ReadyRow, ReadyRow]
  const others = [
    [first],
    [second, first],
    [first, { ...second, anchor: hashOf(7) }],
    [first, { ...second, attempt: 1 }],
  ]
  expect(new Set([rows, ...others].map(batchTopicOf)).size).toBe(5)
  expect(batchTopicOf([...rows])).toBe(batchTopicOf(rows))
})
