import { RANKS } from '@enigma/protocol'
import { describe, expect, test } from 'vitest'
import { closesAt, keptBlocks, opensAt, timingOf } from './window.ts'

describe('windows', () => {
  test('open one after the other and close together, where cancelling begins', () => {
    expect([0, 1, 2].map((rank) => opensAt(100n, rank, 4))).toEqual([101n, 104n, 108n])
    expect(closesAt(100n, 4)).toBe(100n + BigInt(RANKS) * 4n)
  })

  test('never open in the task’s own block, however short they are', () => {
    expect([0, 1, 2].map((rank) => opensAt(100n, rank, 1))).toEqual([101n, 101n, 102n])
  })
})

test('blocks are kept for a task’s life at least', () => {
  expect(keptBlocks(128, 4)).toBe(128)
  expect(keptBlocks(16, 18)).toBe(RANKS * 18 + 1)
})

describe('timingOf', () => {
  const at = (rank: number, head: bigint) => timingOf(100n, rank, 4, head)

  test('lets rank 0 act on the very block that carries the task', () => {
    expect(at(0, 100n)).toBe('act')
  })

  test('lets a backup act one block before its window, so that it lands in the first block allowed', () => {
    expect(at(1, 102n)).toBe('wait')
    expect(at(1, 103n)).toBe('act')
    expect(at(2, 106n)).toBe('wait')
    expect(at(2, 107n)).toBe('act')
  })

  test('is over once the next block is the one in which anyone may cancel', () => {
    for (const rank of [0, 1, 2]) {
      expect(at(rank, 110n)).toBe('act')
      expect(at(rank, 111n)).toBe('over')
    }
  })
})
