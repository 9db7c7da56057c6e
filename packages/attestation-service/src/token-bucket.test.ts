import { describe, expect, test } from 'vitest'
import { clientOf } from './client-address.ts'
import { createRateLimit, createTokenBucket } from './token-bucket.ts'

describe('a token bucket', () => {
  test('lets a burst through, and then its rate', () => {
    const bucket = createTokenBucket({ perMinute: 60, burst: 3 })
    expect([0, 0, 0, 0].map(() => bucket.take(0))).toEqual([0, 0, 0, 1])
    expect([bucket.take(999), bucket.take(1_000), bucket.take(1_000)]).toEqual([1, 0, 1])
    expect([0, 0, 0, 0].map(() => bucket.take(60_000))).toEqual([0, 0, 0, 1])
  })

  test('says how long to wait', () => {
    const bucket = createTokenBucket({ perMinute: 1, burst: 1 })
    expect([bucket.take(0), bucket.take(0), bucket.take(30_000)]).toEqual([0, 60, 30])
  })
})

describe('the rate limit', () => {
  test('S18: counts each client by itself', () => {
    const limit = createRateLimit({ perMinute: 1, burst: 1 })
    expect([limit.take('a', 0), limit.take('a', 0), limit.take('b', 0)]).toEqual([0, 60, 0])
  })

  test('S18: holds no more than its bound of clients, and forgets those whose bucket is full again', () => {
    const limit = createRateLimit({ perMinute: 1, burst: 1 })
    for (let client = 0; client < 12_000; client++) limit.take(`${client}`, 0)
    expect(limit.size).toBe(10_000)
    limit.take('another', 120_000)
    expect(limit.size).toBe(1)
  })
})

describe('clientOf', () => {
  test.each([
    ['10.0.0.1', false, '10.0.0.1'],
    ['::ffff:10.0.0.1', false, '10.0.0.1'],
    ['10.0.0.1', '1.2.3.4, 5.6.7.8', '5.6.7.8'],
    ['10.0.0.1', ' ', '10.0.0.1'],
    [undefined, false, 'unknown'],
    ['2001:db8::1', false, '2001:db8:0:0'],
    ['2001:DB8:0:0:1:2:3:4', false, '2001:db8:0:0'],
    ['::1', false, '0:0:0:0'],
    ['fe80::1%eth0', false, 'fe80:0:0:0'],
  ])('S18: counts %s with %s for %s', (remote, forwarded, client) => {
    expect(clientOf(remote, forwarded as string | false)).toBe(client)
  })
})
