import { describe, expect, test } from 'vitest'
import { endingText } from './task-text.ts'
import type { Ending } from './tasks.ts'

const plain = (_format: unknown, text: string) => text
const settled = {
  state: 'settled',
  seat: 4,
  rank: 0,
  status: 0,
  delivered: false,
  output: '0x',
  txHash: '0x',
  block: 7,
} as const
const last = { txHash: '0x', block: 9 } as const

const SETTLED = 'settled in block 7 by seat 4 (rank 0) with a result'

describe('how a task ended is said in a line', () => {
  test.each<[string, Ending, string]>([
    ['delivered at once', { ...settled, delivered: true }, `${SETTLED}, delivered to the dApp`],
    ['waiting', settled, `${SETTLED}, not delivered to the dApp`],
    [
      'redelivered',
      { ...settled, afterwards: { state: 'redelivered', ...last } },
      `${SETTLED}, delivered to the dApp in block 9`,
    ],
    [
      'abandoned',
      { ...settled, afterwards: { state: 'abandoned', ...last } },
      `${SETTLED}, not delivered to the dApp, given up in block 9`,
    ],
    ['cancelled', { state: 'cancelled', txHash: '0x', block: 7 }, 'cancelled in block 7, the fee is back'],
  ])('%s', (_what, ending, text) => {
    expect(endingText(ending, plain)).toBe(text)
  })
})
