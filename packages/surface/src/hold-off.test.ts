import { createManualClock } from '@enigma/process/testing'
import { expect, test } from 'vitest'
import { createHoldOff } from './hold-off.ts'

test('what failed is not tried again before its time, which doubles, and another key is', async () => {
  const clock = createManualClock()
  const holdOff = createHoldOff(clock, { firstMs: 100, mostMs: 300 })
  let attempts = 0
  const fail = () => {
    attempts++
    return Promise.reject(new Error('no'))
  }
  const after = async (ms: number) => {
    await clock.advance(ms)
    await expect(holdOff('a', fail)).rejects.toThrow('no')
    return attempts
  }
  expect([await after(0), await after(99), await after(1), await after(199), await after(1)]).toEqual([1, 1, 2, 2, 3])
  expect(await holdOff('b', async () => 'well')).toBe('well')
  // Never longer than the longest.
  expect([await after(299), await after(1), await after(299)]).toEqual([3, 4, 4])
})

test('what went well, or failed in a way that is not held, may be tried at once', async () => {
  const clock = createManualClock()
  const holdOff = createHoldOff(clock, { firstMs: 100, mostMs: 100, holds: (error) => error instanceof TypeError })
  await expect(holdOff('a', () => Promise.reject(new RangeError()))).rejects.toThrow(RangeError)
  expect(await holdOff('a', async () => 1)).toBe(1)
  await expect(holdOff('a', () => Promise.reject(new TypeError()))).rejects.toThrow(TypeError)
  await expect(holdOff('a', async () => 2)).rejects.toThrow(TypeError)
  expect([holdOff.isHeld('a'), holdOff.isHeld('b')]).toEqual([true, false])
  await clock.advance(100)
  expect(holdOff.isHeld('a')).toBe(false)
  expect(await holdOff('a', async () => 3)).toBe(3)
  expect(await holdOff('a', async () => 4)).toBe(4)
})
