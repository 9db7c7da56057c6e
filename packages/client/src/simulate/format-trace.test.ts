import { expect, test } from 'vitest'
import { address, word } from '../../../core/src/testing/assemble.ts'
import { formatReason, formatTrace, formatValue, type TracedCall } from './index.ts'

const ALICE = address(0xa11ce)
const DAPP = address(0xdab)
const FEED = address(0xfeed)

const call: TracedCall = {
  call: 'call',
  from: ALICE,
  to: DAPP,
  input: '0x01020304',
  functionName: 'score',
  args: [4_200n, [{ amount: 350n, daysLate: 0 }], 'a name', true],
  gas: 65_536n,
  gasUsed: 24_011n,
  end: { kind: 'returned', output: word(7), result: 7n },
  calls: [
    {
      call: 'staticcall',
      from: DAPP,
      to: FEED,
      input: `0xfeaf968c${word(1).slice(2)}`,
      gas: 40_000n,
      gasUsed: 600n,
      end: { kind: 'returned', output: `0x${'ab'.repeat(160)}` },
      calls: [
        {
          call: 'delegatecall',
          from: FEED,
          to: FEED,
          input: '0x',
          gas: 1n,
          gasUsed: 1n,
          end: { kind: 'halted', halt: 'outOfGas' },
          calls: [],
        },
      ],
    },
    {
      call: 'staticcall',
      from: DAPP,
      to: FEED,
      input: '0x313ce567',
      gas: 10_000n,
      gasUsed: 178n,
      end: { kind: 'reverted', data: '0x', reason: { errorName: 'Stale', args: [5n] } },
      calls: [],
    },
  ],
}

test('a trace reads as a tree: names where they are known, gas, and how each call ended', () => {
  expect(formatTrace({ trace: call }).split('\n')).toEqual([
    `${DAPP}.score(4200, [{ amount: 350, daysLate: 0 }], "a name", true)  24,011 gas  → 7`,
    `  ${FEED}.0xfeaf968c(${word(1)})  600 gas  → 0x${'ab'.repeat(64)}… (160 bytes)`,
    `    delegatecall ${FEED}.0x()  1 gas  ✗ halted: outOfGas`,
    `  ${FEED}.0x313ce567()  178 gas  ✗ reverted: Stale(5)`,
  ])
})

test('reasons and values read as their author wrote them', () => {
  expect(formatReason(undefined)).toBe('without a reason')
  expect(formatReason({ data: '0x1234' })).toBe('0x1234')
  expect(formatReason({ errorName: 'Error', args: ['too late'] })).toBe('Error("too late")')
  expect(formatValue(undefined)).toBe('nothing')
})
