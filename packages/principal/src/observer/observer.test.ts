import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createObservers, createRpc, openDatabase, readConfig } from '@enigma/process'
import {
  type Anvil,
  createManualClock,
  createRecordedLog,
  type Lie,
  startAnvil,
  startFaultProxy,
  startLyingProxy,
} from '@enigma/process/testing'
import { type Hex, headDigest, headerDigest, recoverObserver } from '@enigma/protocol'
import { privateKeyToAddress } from 'viem/accounts'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { observerTable } from './config.ts'
import { type ObserverDaemon, startObserver } from './daemon.ts'
import { createObserver } from './observer.ts'
import { openSignedHeaders, SIGNED_HEADERS_SCHEMA } from './signed-headers.ts'

const KEY = `0x${'0b'.repeat(32)}` as const
const ADDRESS = privateKeyToAddress(KEY).toLowerCase()
const CHAIN = 31_337n

let anvil: Anvil
let folder: string
const running: { stop(): Promise<void> }[] = []
beforeAll(async () => {
  anvil = await startAnvil()
  folder = mkdtempSync(join(tmpdir(), 'observer-'))
  await anvil.mine(10)
})
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop()
})
afterAll(async () => {
  await anvil.stop()
  rmSync(folder, { recursive: true, force: true })
})

let folders = 0
async function start(given: Record<string, string> = {}): Promise<ObserverDaemon> {
  const options = { RPC_URL: anvil.url, CHAIN_ID: String(CHAIN), OBSERVER_KEY: KEY, DEPTH: '2', PORT: '0', ...given }
  const env = Object.fromEntries(
    Object.entries({ DATA_DIR: join(folder, String(folders++)), ...options }).map(([name, value]) => [
      `ENIGMA_${name}`,
      value,
    ]),
  )
  const started = await startObserver(readConfig(observerTable, { argv: [], env }), { log: createRecordedLog() })
  running.push(started)
  return started
}
async function startBehind(lie: Lie): Promise<ObserverDaemon> {
  const proxy = await startLyingProxy(anvil.url)
  running.push(proxy)
  const observer = await start({ RPC_URL: proxy.url })
  proxy.lie = lie
  return observer
}

async function get(observer: ObserverDaemon, path: string | bigint) {
  const response = await fetch(`${observer.url}${typeof path === 'bigint' ? `/v1/headers/${path}` : path}`)
  return {
    status: response.status,
    body: (await response.json()) as Record<string, Hex> & { error?: { code: string } },
  }
}
async function post(observer: ObserverDaemon, body: unknown) {
  const sent = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(`${observer.url}/v1/heads`, { method: 'POST', body: sent })
  return {
    status: response.status,
    body: (await response.json()) as Record<string, string> & { error?: { code: string } },
  }
}
const NONCE: Hex = `0x${'6b'.repeat(32)}`
const head = async () => BigInt((await anvil.rpc.call('eth_blockNumber')) as string)
const hashOf = async (number: bigint) =>
  ((await anvil.rpc.call('eth_getBlockByNumber', [`0x${number.toString(16)}`, false])) as { hash: Hex }).hash

describe('an observer', () => {
  test('signs what is deep enough, however old, and nothing younger', async () => {
    const observer = await start()
    expect(observer.observer).toBe(ADDRESS)
    const deepest = (await head()) - 2n
    for (const number of [deepest, 1n, 0n]) {
      const hash = await hashOf(number)
      const { status, body } = await get(observer, number)
      expect([status, body]).toEqual([
        200,
        { chainId: '31337', number: String(number), hash, observer: ADDRESS, r: body.r, vs: body.vs },
      ])
      expect(recoverObserver(headerDigest({ chainId: CHAIN, number, hash }), body as never)).toBe(ADDRESS)
    }
    for (const number of [deepest + 1n, deepest + 2n, deepest + 1_000n]) {
      expect(await get(observer, number)).toMatchObject({ status: 404, body: { error: { code: 'HEADER_TOO_YOUNG' } } })
    }
    await anvil.mine()
    expect((await get(observer, deepest + 1n)).status).toBe(200)
  })

  test('is understood by who collects signatures', async () => {
    const both = [await start(), await start({ OBSERVER_KEY: `0x${'0c'.repeat(32)}` })]
    const [observers, urls] = [both.map(({ observer }) => observer), both.map(({ url }) => url)]
    const asked = createObservers({ chainId: CHAIN, observers, threshold: 2, urls })
    const [number, young] = [5n, await head()]
    expect(await asked.observe({ number, hash: await hashOf(number) })).toMatchObject({ kind: 'observed' })
    expect(await asked.observe({ number: young, hash: await hashOf(young) })).toMatchObject({ kind: 'tooYoung' })
  })

  test.each<[string, Lie]>([
    ['a hash that its header has not', ({ method }, block) => forged(method, block, { hash: `0x${'5a'.repeat(32)}` })],
    [
      'a header with another state',
      ({ method }, block) => forged(method, block, { stateRoot: `0x${'5a'.repeat(32)}` }),
    ],
    ['a header without a field', ({ method }, block) => forged(method, block, { receiptsRoot: undefined })],
    ['the block of another number', ({ method }) => (method === 'eth_getBlockByNumber' ? blockZero : undefined)],
    ['no such block', ({ method }) => (method === 'eth_getBlockByNumber' ? null : undefined)],
    ['another chain', ({ method }) => (method === 'eth_chainId' ? '0x1' : undefined)],
    ['a head that is no number', ({ method }) => (method === 'eth_blockNumber' ? 'latest' : undefined)],
  ])('S12, S18: signs nothing where its node answers %s', async (_, lie) => {
    blockZero = await anvil.rpc.call('eth_getBlockByNumber', ['0x0', false])
    const observer = await startBehind(lie)
    expect(await get(observer, 3n)).toMatchObject({ status: 503, body: { error: { code: 'NODE_AWAY' } } })
  })

  test('S12: says one thing about a number, whatever its node says later, also after a restart', async () => {
    const place = { DATA_DIR: join(folder, 'kept'), DEPTH: '0' }
    const first = await start(place)
    const [deep, tip] = [(await head()) - 1n, await head()]
    const before = await get(first, deep)
    await running.pop()?.stop()
    await anvil.rpc.call('anvil_reorg', [3, []])
    await anvil.mine()
    expect(await hashOf(deep)).not.toBe(before.body.hash)
    const second = await start(place)
    expect(await get(second, deep)).toEqual(before)
    expect((await get(second, tip)).body.hash).toBe(await hashOf(tip))
  })

  test('signs anew after a reorganisation where it was told to follow', async () => {
    const observer = await start({ DEPTH: '0', FOLLOW_REORGANISATIONS: 'true' })
    const tip = await head()
    const before = await get(observer, tip)
    await anvil.rpc.call('anvil_reorg', [1, []])
    const after = await get(observer, tip)
    expect(after.body.hash).toBe(await hashOf(tip))
    expect(after.body.hash).not.toBe(before.body.hash)
    expect(
      recoverObserver(headerDigest({ chainId: CHAIN, number: tip, hash: after.body.hash as Hex }), after.body as never),
    ).toBe(ADDRESS)
  })

  test('S18: answers only what it was asked, in one spelling', async () => {
    const observer = await start()
    expect((await get(observer, '/healthz')).body).toEqual({ ok: true })
    for (const path of [
      '/',
      '/v1/headers/',
      '/v1/headers/-1',
      '/v1/headers/01',
      '/v1/headers/0x1',
      '/v1/headers/1e3',
    ]) {
      expect((await get(observer, path)).status, path).toBe(404)
    }
    for (const path of [`/v1/headers/${'9'.repeat(30)}`, '/v1/headers/latest', '/v1/seeds/1', '/v1/headers/1/..%2f']) {
      expect((await get(observer, path)).body.error?.code, path).toBe('NOT_FOUND')
    }
    expect((await fetch(`${observer.url}/v1/headers/1`, { method: 'POST' })).status).toBe(405)
  })

  test('S18: looks up a bounded number of blocks at a time', async () => {
    const proxy = await startFaultProxy(anvil.port)
    running.push(proxy)
    const observer = await start({ RPC_URL: proxy.url })
    proxy.mode = 'swallow'
    const over = new AbortController()
    const asking = Array.from({ length: 80 }, async (_, number) => {
      const response = await fetch(`${observer.url}/v1/headers/${number}`, { signal: over.signal })
      return response.json()
    })
    expect(await Promise.race(asking)).toMatchObject({ error: { code: 'BUSY' } })
    over.abort()
    await Promise.allSettled(asking)
  })
})

describe('the head of now', () => {
  const blockAt = async (number: bigint) =>
    (await anvil.rpc.call('eth_getBlockByNumber', [`0x${number.toString(16)}`, false])) as { hash: Hex; timestamp: Hex }

  test('is the newest block that is deep enough, signed with the asker’s nonce', async () => {
    const observer = await start()
    for (const nonce of [NONCE, `0x${'6c'.repeat(32)}`] as const) {
      const number = (await head()) - 2n
      const { hash, timestamp } = await blockAt(number)
      const { status, body } = await post(observer, { nonce })
      expect([status, body]).toEqual([
        200,
        {
          ...{ chainId: '31337', number: String(number), hash, timestamp: String(BigInt(timestamp)), nonce },
          ...{ observer: ADDRESS, r: body.r, vs: body.vs },
        },
      ])
      const digest = headDigest({ chainId: CHAIN, number, hash, timestamp: BigInt(timestamp), nonce })
      expect(recoverObserver(digest, body as never)).toBe(ADDRESS)
      await anvil.mine()
    }
  })

  test('is understood by who asks for it', async () => {
    const both = [await start(), await start({ OBSERVER_KEY: `0x${'0c'.repeat(32)}` })]
    const [observers, urls] = [both.map(({ observer }) => observer), both.map(({ url }) => url)]
    const agreed = await createObservers({ chainId: CHAIN, observers, threshold: 2, urls }).head(NONCE)
    expect(agreed).toMatchObject({ number: (await head()) - 2n, nonce: NONCE })
    expect(agreed?.signatures).toHaveLength(2)
  })

  test.each([
    ...['', '{', '[]', 'null', '"nonce"', `["${NONCE}"]`, '{}', { nonce: 1 }, { nonce: null }, { nonce: '0x' }],
    ...[{ nonce: `${NONCE}00` }, { nonce: NONCE.slice(2) }, { nonce: NONCE.toUpperCase() }, { nonce: [NONCE] }],
    ...[{ nonce: `0x${'6B'.repeat(32)}` }, { nonce: ` ${NONCE}` }, { nonce: NONCE, number: '1' }, { NONCE }],
  ])('S18: is signed for no other body than a nonce: %j', async (body) => {
    expect(await post(await start(), body)).toMatchObject({ status: 400, body: { error: { code: 'BAD_BODY' } } })
  })

  test('S18: is asked for in a body of at most a kilobyte, and by POST', async () => {
    const observer = await start()
    const padded = `${JSON.stringify({ nonce: NONCE })}${' '.repeat(1_024)}`
    expect(await post(observer, padded)).toMatchObject({ status: 413, body: { error: { code: 'BODY_TOO_LARGE' } } })
    expect((await get(observer, '/v1/heads')).status).toBe(404)
  })

  test('is not there before the chain is as long as the depth', async () => {
    const observer = await start({ DEPTH: '64' })
    const missing = 64n - (await head())
    if (missing > 0n) {
      expect(await post(observer, { nonce: NONCE })).toMatchObject({
        status: 404,
        body: { error: { code: 'HEADER_TOO_YOUNG', message: expect.stringContaining(String(missing)) } },
      })
      await anvil.mine(Number(missing))
    }
    expect((await post(observer, { nonce: NONCE })).status).toBe(200)
  })

  test('S12: is not another block of a number that was signed for, and what was signed as a head stays the header', async () => {
    const place = { DATA_DIR: join(folder, 'heads'), DEPTH: '0' }
    const first = await start(place)
    const tip = await head()
    const { hash } = (await post(first, { nonce: NONCE })).body
    await running.pop()?.stop()
    await anvil.rpc.call('anvil_reorg', [1, []])
    expect(await hashOf(tip)).not.toBe(hash)
    const second = await start(place)
    const exchanged = { status: 503, body: { error: { code: 'BLOCK_EXCHANGED' } } }
    expect(await post(second, { nonce: NONCE })).toMatchObject(exchanged)
    expect((await get(second, tip)).body.hash).toBe(hash)
    await anvil.mine()
    expect((await post(second, { nonce: NONCE })).body).toMatchObject({ number: String(tip + 1n) })
  })

  test('is the new block after a reorganisation where it was told to follow', async () => {
    const observer = await start({ DEPTH: '0', FOLLOW_REORGANISATIONS: 'true' })
    const before = (await post(observer, { nonce: NONCE })).body
    await anvil.rpc.call('anvil_reorg', [1, []])
    const { body } = await post(observer, { nonce: NONCE })
    expect([body.number, body.hash]).toEqual([before.number, await hashOf(BigInt(before.number as string))])
    expect(body.hash).not.toBe(before.hash)
  })

  test('S14: is never an older block than one that was signed, also after a restart: a node that lags is not now', async () => {
    const place = { DATA_DIR: join(folder, 'lagging'), DEPTH: '0' }
    const first = await start(place)
    expect((await get(first, await head())).status).toBe(200)
    const past = `0x${((await head()) - 1n).toString(16)}`
    await running.pop()?.stop()
    const proxy = await startLyingProxy(anvil.url)
    running.push(proxy)
    proxy.lie = ({ method }) => (method === 'eth_blockNumber' ? past : undefined)
    const behind = { status: 503, body: { error: { code: 'NODE_BEHIND' } } }
    expect(await post(await start({ ...place, RPC_URL: proxy.url }), { nonce: NONCE })).toMatchObject(behind)
  })

  test('S14: is no block that half an hour has passed over: a node that stands still is not now', async () => {
    const clock = createManualClock()
    const { timestamp } = await blockAt(await head())
    await clock.advance(Number(timestamp) * 1_000 + 1_800_000 - clock.nowMs())
    const db = openDatabase(join(folder, 'still.db'), [SIGNED_HEADERS_SCHEMA])
    const config = { chainId: CHAIN, secretKey: new Uint8Array(32).fill(1), depth: 0 }
    const parts = { rpc: createRpc(anvil.url), signed: openSignedHeaders(db), log: createRecordedLog(), clock }
    const observer = createObserver({ ...config, followsReorganisations: false }, parts)
    expect(await observer.newest(NONCE)).toMatchObject({ number: await head() })
    await clock.advance(1)
    expect(await observer.newest(NONCE)).toEqual({ behind: await head() })
    const development = createObserver({ ...config, followsReorganisations: true }, parts)
    expect(await development.newest(NONCE)).toMatchObject({ number: await head() })
    db.close()
  })

  test.each<[string, Lie]>([
    ['a header with another time', ({ method }, block) => forged(method, block, { timestamp: '0x1' })],
    ['no such block', ({ method }) => (method === 'eth_getBlockByNumber' ? null : undefined)],
    ['another chain', ({ method }) => (method === 'eth_chainId' ? '0x1' : undefined)],
    ['a head that shrinks', shrinking()],
  ])('S12, S18: is nothing where the node answers %s', async (_, lie) => {
    const observer = await startBehind(lie)
    expect(await post(observer, { nonce: NONCE })).toMatchObject({
      status: 503,
      body: { error: { code: 'NODE_AWAY' } },
    })
  })
})

test('an observer whose node serves another chain does not start', async () => {
  await expect(start({ CHAIN_ID: '1' })).rejects.toMatchObject({ code: 'WRONG_NETWORK' })
  await expect(createRpc(anvil.url).call('eth_chainId')).resolves.toBe('0x7a69')
})

/** Each time it is asked, the chain is a block shorter. */
function shrinking(): Lie {
  let length = 9
  return ({ method }) => (method === 'eth_blockNumber' ? `0x${(length--).toString(16)}` : undefined)
}

let blockZero: unknown
function forged(method: string, block: unknown, change: Record<string, unknown>): unknown {
  return method === 'eth_getBlockByNumber' ? { ...(block as object), ...change } : undefined
}
