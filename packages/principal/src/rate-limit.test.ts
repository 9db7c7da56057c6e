import { expect, test } from 'vitest'
import { createRateLimit } from './rate-limit.ts'

test('S18: lets a burst pass, and then no more than its rate, each client for itself', () => {
  const limit = createRateLimit({ perSecond: 10, burst: 3 })
  const take = (client: string, atMs: number) => limit.take(client, atMs)
  expect([0, 0, 0, 0].map((at) => take('a', at))).toEqual([true, true, true, false])
  expect(take('b', 0)).toBe(true)
  expect([take('a', 99), take('a', 100), take('a', 100)]).toEqual([false, true, false])
  expect([take('a', 10_000), take('a', 10_000), take('a', 10_000), take('a', 10_000)].filter(Boolean)).toHaveLength(3)
})

test('S18: counts a dear question for as many as it costs', () => {
  const limit = createRateLimit({ perSecond: 10, burst: 10 })
  expect([limit.take('a', 0, 6), limit.take('a', 0, 6), limit.take('a', 0, 4), limit.take('a', 0)]).toEqual([
    ...[true, false, true, false],
  ])
  expect([limit.take('a', 599, 6), limit.take('a', 600, 6)]).toEqual([false, true])
})

test('S18: keeps a bounded number of clients', () => {
  const limit = createRateLimit({ perSecond: 1, burst: 1 })
  for (let client = 0; client < 25_000; client++) expect(limit.take(`${client}`, 0)).toBe(true)
  expect(limit.take('24999', 0)).toBe(false)
})
