import { enigmaAbi } from '@enigma/contracts'
import { decodeFunctionData } from 'viem/utils'
import { expect, test } from 'vitest'
import { settlementGas, settlementOf, topicOf } from './settlement.ts'
import { addressOf, hashOf, sampleRow } from './testing/tasks.ts'

const row = sampleRow(1, {
  selected: { rank: 1, seat: 4 },
  result: { status: 0, output: '0x1234', r: hashOf(3), vs: hashOf(4) },
})

test('a settlement carries the task’s own words, the rank, and what Core signed', () => {
  const { to, data, valueWei } = settlementOf(row, addressOf(9))
  expect([to, valueWei]).toEqual([addressOf(9), 0n])
  expect(decodeFunctionData({ abi: enigmaAbi, data })).toMatchObject({
    functionName: 'settle',
    args: [row.packed, 1, 0, '0x1234', hashOf(3), hashOf(4)],
  })
  expect(() => settlementOf({ ...row, result: undefined }, addressOf(9))).toThrow('nothing to settle')
})

test('its gas reaches the callback behind the 63/64 rule, and stays below a transaction’s cap', () => {
  for (const callbackGas of [0, 1, 300_000, 8_000_000]) {
    const gas = settlementGas(callbackGas, settlementOf(row, addressOf(9)).data)
    // What is left in the worst case: 21,000, a settlement of 60k, and 64 draws among dead seats.
    const left = gas - 240_000n
    expect(left - left / 64n).toBeGreaterThanOrEqual(BigInt(callbackGas))
  }
  const longest = `0x${'11'.repeat(8_192 + 420)}` as const
  expect(settlementGas(8_000_000, longest)).toBeLessThan(2n ** 24n)
})

test('each attempt on each branch has a name of its own, and the same one has the same', () => {
  const names = [row, { ...row, attempt: 1 }, { ...row, anchor: hashOf(5) }].map(topicOf)
  expect(new Set(names).size).toBe(3)
  expect(topicOf({ ...row })).toBe(names[0])
})
