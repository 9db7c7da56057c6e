import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Hex, type ObservedHeader, signerAddress, signHeader } from '@enigma/protocol'
import { afterEach, describe, expect, test } from 'vitest'
import { createObservers, type ObserversConfig } from './observers.ts'
import { createRecordedLog } from './testing/recorded-log.ts'

const CHAIN = 31337n
const HASH: Hex = `0x${'5a'.repeat(32)}`
const OTHER: Hex = `0x${'5b'.repeat(32)}`
const HEADER: ObservedHeader = { chainId: CHAIN, number: 7n, hash: HASH }
const keys = [1, 2, 3, 9].map((n) => new Uint8Array(32).fill(n)) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
const [a, b, c, stranger] = keys
const observers = [a, b, c].map(signerAddress)

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

type Reply = { status?: number; body?: unknown; headers?: Record<string, string> } | 'never'

async function serve(reply: Reply | (() => Reply)): Promise<string> {
  const server = createServer((request, response) => {
    const found = typeof reply === 'function' ? reply() : reply
    if (found === 'never') return
    if (request.url !== '/at/v1/headers/7') return void response.writeHead(418).end('{}')
    const { status = 200, body = {}, headers = {} } = found
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/at`
}

function answerOf(key: Uint8Array, header: ObservedHeader = HEADER): Reply & object {
  const { chainId, number, hash } = header
  const body = { chainId: String(chainId), number: String(number), hash, observer: signerAddress(key) }
  return { body: { ...body, ...signHeader(key, header) } }
}
const TOO_YOUNG: Reply = { status: 404, body: { error: { code: 'HEADER_TOO_YOUNG', message: 'Wait.' } } }

async function ask(
  replies: (Reply | (() => Reply))[],
  config: Partial<ObserversConfig> = {},
  { timeoutMs = 5_000, patienceMs = 4_000 } = {},
) {
  const urls = await Promise.all(replies.map(serve))
  const log = createRecordedLog()
  const asked = createObservers(
    { chainId: CHAIN, observers, threshold: 2, urls, ...config },
    { timeoutMs, patienceMs, log },
  )
  const observation = await asked.observe(HEADER)
  return { ...observation, faults: asked.health().map(({ fault }) => fault), log, asked }
}

describe('observe', () => {
  test('returns when enough observers signed, without waiting for the rest', async () => {
    const { kind, signatures } = await ask([answerOf(a), 'never', answerOf(c)])
    expect(kind).toBe('observed')
    expect(signatures).toHaveLength(2)
    for (const key of [a, c]) expect(signatures).toContainEqual(signHeader(key, HEADER))
  })

  test('S12: counts an observer once, however many mirrors serve his signature', async () => {
    const { kind, signatures, faults } = await ask([answerOf(a), answerOf(a), answerOf(a)])
    expect([kind, signatures.length, ...faults]).toEqual(['silent', 1, undefined, undefined, undefined])
  })

  test.each<[string, Reply]>([
    ['STRANGER', answerOf(stranger)],
    ['STRANGER', { body: { ...(answerOf(b).body as object), hash: OTHER } }],
    ['NONSENSE', answerOf(b, { ...HEADER, number: 8n })],
    ['NONSENSE', answerOf(b, { ...HEADER, chainId: 1n })],
    ['NONSENSE', { body: { ...(answerOf(b).body as object), r: `0x${'00'.repeat(32)}` } }],
    ['NONSENSE', { body: { ...(answerOf(b).body as object), vs: '0x12' } }],
    ['NONSENSE', { body: [] }],
    ['NONSENSE', { body: null }],
    ['NONSENSE', { body: '<html>' }],
    ['NONSENSE', { body: JSON.stringify(answerOf(b).body) + ' '.repeat(4_096) }],
    ['OTHER_HASH', answerOf(b, { ...HEADER, hash: OTHER })],
    ['REFUSED', { status: 500, body: {} }],
    ['REFUSED', { status: 404, body: { error: 'HEADER_TOO_YOUNG' } }],
    ['TOO_YOUNG', TOO_YOUNG],
  ])('S18: leaves an answer aside as %s: %j', async (fault, reply) => {
    const { signatures, faults } = await ask([answerOf(a), reply])
    expect(signatures).toEqual([signHeader(a, HEADER)])
    expect(faults).toEqual([undefined, fault])
  })

  test('S18: follows no redirection, not even to a true answer', async () => {
    const headers = { location: `${await serve(answerOf(b))}/v1/headers/7` }
    const { signatures, faults } = await ask([answerOf(a), { status: 302, headers }])
    expect([signatures.length, ...faults]).toEqual([1, undefined, 'UNREACHABLE'])
  })

  test('S18: waits for an observer that never answers no longer than it was told', async () => {
    const { kind, faults } = await ask([answerOf(a), 'never'], {}, { timeoutMs: 50 })
    expect([kind, ...faults]).toEqual(['silent', undefined, 'UNREACHABLE'])
  })

  test('S20: one that hangs does not hold up a block that is too young for the others, nor those that are merely slower', async () => {
    const hasty = { timeoutMs: 60_000, patienceMs: 20 }
    expect((await ask(['never', TOO_YOUNG, TOO_YOUNG], {}, hasty)).kind).toBe('tooYoung')
    expect((await ask(['never', answerOf(a), TOO_YOUNG], {}, hasty)).kind).toBe('tooYoung')
    expect((await ask([TOO_YOUNG, TOO_YOUNG, answerOf(a), answerOf(b)])).kind).toBe('observed')
  })

  test('tells a block that is too young from observers that are away', async () => {
    expect((await ask([TOO_YOUNG, TOO_YOUNG])).kind).toBe('tooYoung')
    expect((await ask([answerOf(a), TOO_YOUNG])).kind).toBe('tooYoung')
    expect((await ask([TOO_YOUNG, { status: 500 }])).kind).toBe('silent')
    expect((await ask([])).kind).toBe('silent')
  })

  test('S20: says so when observers agree on another hash than ours', async () => {
    const other = { ...HEADER, hash: OTHER }
    expect((await ask([answerOf(a, other), answerOf(b, other), answerOf(c)])).kind).toBe('otherBranch')
    expect((await ask([answerOf(a, other), answerOf(b)])).kind).toBe('silent')
  })

  test('counts an observer that signed two hashes for each of them, as Core would', async () => {
    const replies = [answerOf(a, { ...HEADER, hash: OTHER }), answerOf(a), answerOf(b)]
    expect((await ask(replies)).kind).toBe('observed')
  })
})

test('the log hears of a fault once, and of its end, and of no URL more than its host', async () => {
  let reply: Reply = { status: 500 }
  const { asked, log } = await ask([() => reply], { threshold: 1 })
  await asked.observe(HEADER)
  reply = answerOf(a)
  await asked.observe(HEADER)
  await asked.observe(HEADER)
  expect(log.lines.map(({ event, reason }) => [event, reason])).toEqual([
    ['observer-fault', 'REFUSED'],
    ['observer-back', undefined],
  ])
  expect(log.text()).not.toContain('/at')
})
