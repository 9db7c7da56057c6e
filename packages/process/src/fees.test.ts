import { expect, test } from 'vitest'
import { backoffMs } from './clock.ts'
import { freshFees, raisedFees } from './fees.ts'
import { createManualClock } from './testing/manual-clock.ts'

test('a first offer outlasts a doubled base fee, within the limit', () => {
  expect(freshFees(10n, 3n, 1_000n)).toEqual({ maxFeeWei: 23n, tipWei: 3n })
  expect(freshFees(10n, 30n, 20n)).toEqual({ maxFeeWei: 20n, tipWei: 20n })
})

test('a replacement offers at least a tenth more of both, or nothing', () => {
  for (const old of [
    { maxFeeWei: 1n, tipWei: 0n },
    { maxFeeWei: 1_000n, tipWei: 7n },
  ]) {
    const raised = raisedFees(old, 1n, 10n ** 12n)
    expect(raised && raised.maxFeeWei * 10n >= old.maxFeeWei * 11n && raised.tipWei * 10n >= old.tipWei * 11n).toBe(
      true,
    )
  }
  expect(raisedFees({ maxFeeWei: 100n, tipWei: 1n }, 1n, 100n)).toBeUndefined()
})

test('waiting doubles up to a limit', () => {
  expect([1, 2, 3, 4, 60].map((failures) => backoffMs(failures, 100, 500))).toEqual([100, 200, 400, 500, 500])
})

test('a clock of one’s own wakes sleepers in order, and at once when they are told to stop', async () => {
  const clock = createManualClock(0)
  const woken: string[] = []
  const stopping = new AbortController()
  void clock.sleep(20).then(() => woken.push('late'))
  void clock.sleep(10).then(() => woken.push('early'))
  void clock.sleep(1_000, stopping.signal).then(() => woken.push('stopped'))
  await clock.advance(30)
  expect(woken).toEqual(['early', 'late'])
  stopping.abort()
  await clock.advance(0)
  expect(clock.sleeping()).toBe(0)
})
