import { concatBytes } from '@enigma/protocol'
import { describe, expect, test } from 'vitest'
import { address, word, words } from '../../../core/src/testing/assemble.ts'
import { prefetchedSlots } from './prefetch.ts'

const DAPP = address(0xdab)
const OTHER = address(0x707)
const AT = BigInt(DAPP)
const HUGE = (1n << 256n) - 1n
const MOST = 1_024
const returned = (...parts: Uint8Array[]) => prefetchedSlots({ kind: 'returned', output: concatBytes(...parts) }, MOST)

describe('the ranges that a dApp declares', () => {
  test('are the slots of all of them, in order', () => {
    expect(returned(words(32, 2, AT, 5, 3, BigInt(OTHER), HUGE, 1))).toEqual([
      { address: DAPP, slot: word(5) },
      { address: DAPP, slot: word(6) },
      { address: DAPP, slot: word(7) },
      { address: OTHER, slot: word(HUGE) },
    ])
  })

  test('may be none', () => {
    expect(returned(words(32, 0))).toEqual([])
    expect(returned(words(32, 1, AT, 5, 0))).toEqual([])
    expect(prefetchedSlots({ kind: 'reverted', data: words(32, 1, AT, 5, 1) }, MOST)).toEqual([])
    expect(prefetchedSlots({ kind: 'halted', halt: 'outOfGas' }, MOST)).toEqual([])
  })

  test.each([
    ['nothing', new Uint8Array(0)],
    ['less than an array', words(32)],
    ['another offset', words(64, 1, 0, AT, 5, 1)],
    ['fewer ranges than it says', words(32, 2, AT, 5, 1)],
    ['more bytes than it says', words(32, 1, AT, 5, 1, 0)],
    ['half a range more', concatBytes(words(32, 1, AT, 5, 1), new Uint8Array(16))],
    ['an account of more than 20 bytes', words(32, 1, 1n << 160n, 5, 1)],
    ['slots beyond the last', words(32, 1, AT, HUGE, 2)],
    ['more ranges than slots may be read', words(32, 1_025, AT, 5, 1, ...new Array(3 * 1_024).fill(0))],
  ])('are none where it answers %s', (_, output) => {
    expect(returned(output)).toEqual([])
  })

  test('S19: are refused where they count more than may be read, before a single one is written out', () => {
    expect(returned(words(32, 1, AT, 0, MOST))).toHaveLength(MOST)
    expect(returned(words(32, 1, AT, 0, MOST + 1))).toBeNull()
    expect(returned(words(32, 2, AT, 0, 600, AT, 0, 600))).toBeNull()
    expect(returned(words(32, 1, AT, 0, HUGE))).toBeNull()
  })
})
