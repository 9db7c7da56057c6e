import { createManualClock } from '@enigma/process/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type HttpServer, startServer } from './server.ts'

const clock = createManualClock()
let server: HttpServer
beforeEach(async () => {
  const broken = { paths: '/broken', answer: (path: string) => (path === '/broken' ? broke() : undefined) }
  server = await startServer({ host: '127.0.0.1', port: 0 }, [broken], { clock })
})
afterEach(() => server.stop())

const broke = () => Promise.reject(new TypeError('canary'))
const statusOf = (path: string) => fetch(`${server.url}${path}`).then(({ status }) => status)

test('S18: answers one client so often and no more, and again as time passes', async () => {
  const statuses = new Set<number>()
  for (let burst = 0; burst < 20; burst++) {
    for (const status of await Promise.all(Array.from({ length: 50 }, () => statusOf('/healthz')))) statuses.add(status)
  }
  expect([...statuses]).toEqual([200])
  expect(await statusOf('/healthz')).toBe(429)
  await clock.advance(1_000)
  expect(await statusOf('/healthz')).toBe(200)
})

test('S21: says nothing of a mistake of its own', async () => {
  const response = await fetch(`${server.url}/broken`)
  expect([response.status, await response.text()]).toEqual([500, expect.not.stringContaining('canary')])
})
