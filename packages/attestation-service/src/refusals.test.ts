import { describe, expect, test } from 'vitest'
import { ProblemError } from './problem.ts'
import { createRefusals } from './refusals.ts'

const unknown = new ProblemError('UNKNOWN_PLATFORM')
const down = new ProblemError('COLLATERAL_UNAVAILABLE')

describe('refusals', () => {
  test('are remembered for an hour where they are final, and for as long as told where they may pass', () => {
    const refusals = createRefusals()
    refusals.remember('a', unknown, 0, 60)
    refusals.remember('b', down, 0, 60)
    expect(['a', 'b'].map((label) => refusals.isKnown(label, 59))).toEqual([true, true])
    expect(['a', 'b'].map((label) => refusals.isKnown(label, 60))).toEqual([true, false])
    expect(() => refusals.throwKnown('a', 3_599)).toThrow(unknown)
    expect(() => refusals.throwKnown('a', 3_600)).not.toThrow()
  })

  test('S18: fill no more than their table, the oldest giving way', () => {
    const refusals = createRefusals()
    for (let n = 0; n < 5_000; n++) refusals.remember(`${n}`, unknown, 0, 60)
    expect([refusals.isKnown('0', 1), refusals.isKnown('903', 1), refusals.isKnown('904', 1)]).toEqual([
      false,
      false,
      true,
    ])
  })
})
