import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import {
  type FreshHead,
  type Hex,
  headDigest,
  observersOf,
  signerAddress,
  signHead,
  signHeader,
} from '@enigma/protocol'
import { afterEach, describe, expect, test } from 'vitest'
import { createObservers, type ObserversConfig } from './observers.ts'
import { createRecordedLog } from './testing/recorded-log.ts'

const CHAIN = 31337n
const NONCE: Hex = `0x${'6b'.repeat(32)}`
const HEAD: FreshHead = { chainId: CHAIN, number: 7n, hash: `0x${'5a'.repeat(32)}`, timestamp: 1_900n, nonce: NONCE }
const NEXT: FreshHead = { ...HEAD, number: 8n, hash: `0x${'5b'.repeat(32)}`, timestamp: 1_912n }
const [a, b, c, stranger] = [1, 2, 3, 9].map((n) => new Uint8Array(32).fill(n)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
]
const observers = [a, b, c].map(signerAddress)

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

type Reply = { status?: number; body?: unknown; headers?: Record<string, string> } | 'never'
/** One answer after another; the last for ever. */
type Replies = Reply | readonly Reply[]

async function serve(replies: Replies, seen: unknown[] = []): Promise<string> {
  const queue = Array.isArray(replies) ? [...replies] : [replies]
  const server = createServer(async (request, response) => {
    const body = await text(request)
    seen.push([request.method, request.url, body])
    const found = (queue.length > 1 ? queue.shift() : queue[0]) as Reply
    if (found === 'never') return
    const { status = 200, body: told = {}, headers = {} } = found
    response.writeHead(status, headers).end(typeof told === 'string' ? told : JSON.stringify(told))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/at`
}

function answerOf(key: Uint8Array, head: FreshHead = HEAD) {
  const { chainId, number, hash, timestamp, nonce } = head
  const numbers = { chainId: String(chainId), number: String(number), timestamp: String(timestamp) }
  return { body: { ...numbers, hash, nonce, observer: signerAddress(key), ...signHead(key, head) } }
}

async function ask(replies: readonly Replies[], config: Partial<ObserversConfig> = {}, agreeMs = 10_000) {
  const urls = await Promise.all(replies.map((reply) => serve(reply)))
  const log = createRecordedLog()
  const asked = createObservers(
    { chainId: CHAIN, observers, threshold: 2, urls, ...config },
    { againMs: 1, agreeMs, log },
  )
  const agreed = await asked.head(NONCE)
  return { agreed, asked, faults: asked.health().map(({ fault }) => fault), log }
}

describe('head', () => {
  test('returns when enough observers signed one block, without waiting for the rest', async () => {
    const { agreed } = await ask([answerOf(a), 'never', answerOf(c)])
    const { signatures, ...head } = agreed ?? { signatures: [] }
    expect(head).toEqual(HEAD)
    expect(observersOf(headDigest(HEAD), signatures, observers)).toEqual([a, c].map(signerAddress))
  })

  test('sends the nonce and nothing else', async () => {
    const seen: unknown[] = []
    const urls = [await serve(answerOf(a), seen)]
    await createObservers({ chainId: CHAIN, observers, threshold: 1, urls }).head(NONCE)
    expect(seen).toEqual([['POST', '/at/v1/heads', `{"nonce":"${NONCE}"}`]])
  })

  test('asks again until observers that were a block apart meet', async () => {
    const { agreed } = await ask([answerOf(a, NEXT), [answerOf(b), answerOf(b), answerOf(b, NEXT)]])
    expect(agreed).toMatchObject(NEXT)
  })

  test('what an observer signed once stays good, though he has gone on', async () => {
    const { agreed } = await ask([
      [answerOf(a), answerOf(a, NEXT)],
      [{ status: 503 }, { status: 503 }, answerOf(b)],
    ])
    expect(agreed).toMatchObject(HEAD)
    expect(agreed?.signatures).toHaveLength(2)
  })

  test('one that hangs holds up none of the others', async () => {
    const { agreed } = await ask(['never', [answerOf(a), answerOf(a, NEXT)], [answerOf(b, NEXT)]])
    expect(agreed).toMatchObject(NEXT)
  })

  test('S12: counts an observer once, however many mirrors pass his signature on', async () => {
    const { agreed, faults } = await ask([answerOf(a), answerOf(a), answerOf(a)], {}, 60)
    expect([agreed, ...faults]).toEqual([undefined, undefined, undefined, undefined])
  })

  test('S14: two observers who differ in hash or time do not agree', async () => {
    for (const other of [{ hash: NEXT.hash }, { timestamp: 1_901n }]) {
      expect((await ask([answerOf(a), answerOf(b, { ...HEAD, ...other })], {}, 60)).agreed).toBeUndefined()
    }
  })

  const good = answerOf(b).body
  test.each<[string, Reply]>([
    ['STRANGER', answerOf(stranger)],
    ['STRANGER', { body: { ...good, hash: NEXT.hash } }],
    ['STRANGER', { body: { ...good, number: '8' } }],
    ['STRANGER', { body: { ...good, timestamp: '1901' } }],
    ['STRANGER', { body: { ...good, ...signHeader(b, HEAD) } }],
    ['NONSENSE', answerOf(b, { ...HEAD, nonce: `0x${'6c'.repeat(32)}` })],
    ['NONSENSE', answerOf(b, { ...HEAD, chainId: 1n })],
    ['NONSENSE', answerOf(b, { ...HEAD, number: 2n ** 64n })],
    ['NONSENSE', { body: { ...good, timestamp: undefined } }],
    ['NONSENSE', { body: { ...good, timestamp: 1_900 } }],
    ['NONSENSE', { body: { ...good, number: '07' } }],
    ['NONSENSE', { body: { ...good, number: '9'.repeat(3_000) } }],
    ['NONSENSE', { body: { ...good, r: `0x${'00'.repeat(32)}` } }],
    ['NONSENSE', { body: { ...good, vs: '0x12' } }],
    ['NONSENSE', { body: [good] }],
    ['NONSENSE', { body: null }],
    ['NONSENSE', { body: '<html>' }],
    ['NONSENSE', { body: JSON.stringify(good) + ' '.repeat(4_096) }],
    ['REFUSED', { status: 405, body: { error: { code: 'METHOD_NOT_ALLOWED' } } }],
    ['REFUSED', { status: 503, body: { error: { code: 'NODE_BEHIND' } } }],
    ['TOO_YOUNG', { status: 404, body: { error: { code: 'HEADER_TOO_YOUNG' } } }],
  ])('S18: leaves an answer aside as %s: %j', async (fault, reply) => {
    const { agreed, faults } = await ask([answerOf(a), reply, [{ status: 503 }, answerOf(c)]])
    expect(agreed?.signatures).toHaveLength(2)
    expect(agreed?.signatures).toEqual(expect.arrayContaining([signHead(a, HEAD), signHead(c, HEAD)]))
    expect(faults[1]).toBe(fault)
  })

  test('S18: follows no redirection, not even to a true answer', async () => {
    const headers = { location: `${await serve(answerOf(b))}/v1/heads` }
    const { agreed, faults } = await ask([answerOf(a), { status: 307, headers }], {}, 60)
    expect([agreed, faults[1]]).toEqual([undefined, 'UNREACHABLE'])
  })

  test('ends in time where observers never agree, and at once when told to', async () => {
    expect((await ask([answerOf(a), answerOf(b, NEXT)], {}, 50)).agreed).toBeUndefined()
    expect((await ask(['never', 'never'], {}, 50)).agreed).toBeUndefined()
    const over = new AbortController()
    const urls = await Promise.all([serve(answerOf(a)), serve('never')])
    const asked = createObservers({ chainId: CHAIN, observers, threshold: 2, urls }, { agreeMs: 60_000 })
    const agreeing = asked.head(NONCE, { signal: over.signal })
    over.abort()
    expect(await agreeing).toBeUndefined()
  })

  test('refuses a nonce that is none before it asks anybody', () => {
    const asked = createObservers({ chainId: CHAIN, observers, threshold: 1, urls: [] })
    expect(() => asked.head('0x12')).toThrow(expect.objectContaining({ code: 'MALFORMED_HEX' }))
  })
})
