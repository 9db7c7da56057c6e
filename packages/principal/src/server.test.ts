import { createManualClock } from '@enigma/process/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type HttpServer, type Route, startServer } from './server.ts'

const clock = createManualClock()
let server: HttpServer
beforeEach(async () => {
  server = await startServer({ host: '127.0.0.1', port: 0 }, [broken, echo], { clock })
})
afterEach(() => server.stop())

const broke = () => Promise.reject(new TypeError('canary'))
const broken: Route = { method: 'GET', paths: '/broken', answer: (path) => (path === '/broken' ? broke() : undefined) }
const echo: Route = {
  method: 'POST',
  paths: '/echo',
  answer: (path, body) => (path === '/echo' ? body().then((found) => ({ status: 200, body: { found } })) : undefined),
}
const post = (path: string, body: BodyInit) =>
  fetch(`${server.url}${path}`, { method: 'POST', body, duplex: 'half' } as object)
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

test('S18: a POST costs as much as five questions', async () => {
  for (let asked = 0; asked < 200; asked++) expect((await post('/echo', '1')).status).toBe(200)
  expect((await post('/echo', '1')).status).toBe(429)
  expect(await statusOf('/healthz')).toBe(429)
  await clock.advance(50)
  expect([(await post('/echo', '1')).status, await statusOf('/healthz')]).toEqual([200, 429])
})

test('S18: reads a kilobyte of JSON and no more, however it is sent', async () => {
  const most = JSON.stringify('x'.repeat(1_022))
  expect(await (await post('/echo', most)).json()).toEqual({ found: 'x'.repeat(1_022) })
  for (const large of [`${most} `, 'x'.repeat(1_000_000), new Blob([most, most]).stream()]) {
    const response = await post('/echo', large)
    expect([response.status, response.headers.get('connection')]).toEqual([413, 'close'])
  }
  for (const none of ['', '{', 'nonce', '\u0000']) expect(await (await post('/echo', none)).json()).toEqual({})
  expect(await statusOf('/healthz')).toBe(200)
})

test('S18: answers each path in its own method only', async () => {
  expect([await statusOf('/echo'), (await post('/broken', '1')).status, (await post('/healthz', '1')).status]).toEqual([
    404, 405, 405,
  ])
  expect((await fetch(`${server.url}/echo`, { method: 'PUT', body: '1' })).status).toBe(405)
})

test('S21: says nothing of a mistake of its own', async () => {
  const response = await fetch(`${server.url}/broken`)
  expect([response.status, await response.text()]).toEqual([500, expect.not.stringContaining('canary')])
})
