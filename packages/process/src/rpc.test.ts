import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { createRpc, isOutage, RpcError } from './rpc.ts'

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** A node that answers each request with what `reply` makes of it. */
async function nodeThat(reply: (body: never) => { status?: number; body: unknown }): Promise<string> {
  server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk) => {
      text += chunk
    })
    request.on('end', () => {
      const { status = 200, body } = reply(JSON.parse(text) as never)
      response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v3/api-key-canary`
}

const failureOf = (promise: Promise<unknown>): Promise<RpcError> =>
  promise.then(
    () => Promise.reject(new Error('it succeeded')),
    (error: unknown) => (error instanceof RpcError ? error : Promise.reject(error)),
  )

describe('a call', () => {
  test('returns the result of its own id', async () => {
    const rpc = createRpc(await nodeThat(({ id }: { id: number }) => ({ body: { id, result: '0x1' } })))
    expect(await rpc.call('eth_chainId')).toBe('0x1')
  })

  test.each([
    ['RPC_LIMITED', { status: 429, body: 'slow down' }],
    ['RPC_LIMITED', { status: 503, body: '' }],
    ['RPC_LIMITED', { body: { id: 1, error: { code: -32005, message: 'limit exceeded' } } }],
    ['RPC_UNREACHABLE', { status: 502, body: '<html>' }],
    ['RPC_NONSENSE', { body: '<html>' }],
    ['RPC_NONSENSE', { body: { id: 7, result: '0x1' } }],
    ['RPC_NONSENSE', { body: { id: 1 } }],
    ['RPC_NONSENSE', { body: [] }],
    ['RPC_REFUSED', { body: { id: 1, error: { code: 3, message: 'execution reverted', data: '0x1234' } } }],
    ['RPC_REFUSED', { body: { id: 1, error: 'no' } }],
  ])('S18: is %s where the node answers %j', async (code, reply) => {
    const error = await failureOf(createRpc(await nodeThat(() => reply)).call('eth_call'))
    expect(error.code).toBe(code)
    expect(isOutage(error)).toBe(code !== 'RPC_REFUSED')
  })

  test('hands on revert data, wherever the node put it', async () => {
    for (const data of ['0x1234', { data: '0x1234' }, { originalError: { data: '0x1234' } }]) {
      const url = await nodeThat(({ id }: { id: number }) => ({
        body: { id, error: { code: 3, message: 'reverted', data } },
      }))
      expect((await failureOf(createRpc(url).call('eth_call'))).data).toBe('0x1234')
      server?.close()
    }
  })

  test('S21: fails without telling the API key in its URL', async () => {
    const url = await nodeThat(() => ({ body: 'x' }))
    const error = await failureOf(createRpc(url).call('eth_call'))
    expect(`${error.message} ${error.hint}`).not.toContain('canary')
    const gone = await failureOf(createRpc('http://127.0.0.1:1/api-key-canary').call('eth_call'))
    expect(gone).toMatchObject({ code: 'RPC_UNREACHABLE' })
    expect(gone.message).not.toContain('canary')
  })

  test('ends when its owner stops, or when the node takes too long', async () => {
    const stopping = new AbortController()
    server = createServer(() => {})
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const failing = failureOf(createRpc(url, { signal: stopping.signal }).call('eth_call'))
    stopping.abort()
    expect((await failing).code).toBe('RPC_UNREACHABLE')
    expect((await failureOf(createRpc(url, { timeoutMs: 20 }).call('eth_call'))).code).toBe('RPC_UNREACHABLE')
  })
})

describe('a batch', () => {
  test('gives results in the order of its calls, whatever the order of the answers', async () => {
    const url = await nodeThat((calls: { id: number; method: string }[]) => ({
      body: calls.map(({ id, method }) => ({ id, result: method })).reverse(),
    }))
    const calls = Array.from({ length: 250 }, (_, index) => ({ method: `m${index}`, params: [] }))
    expect(await createRpc(url).batch(calls)).toEqual(calls.map(({ method }) => method))
  })

  test('fails whole where one answer is missing, or the node refuses batches', async () => {
    const missing = await nodeThat((calls: { id: number }[]) => ({
      body: calls.slice(1).map(({ id }) => ({ id, result: 1 })),
    }))
    const calls = [
      { method: 'a', params: [] },
      { method: 'b', params: [] },
    ]
    expect((await failureOf(createRpc(missing).batch(calls))).code).toBe('RPC_NONSENSE')
    server?.close()
    const refusing = await nodeThat(() => ({ body: { id: null, error: { code: -32600, message: 'no batches' } } }))
    expect((await failureOf(createRpc(refusing).batch(calls))).code).toBe('RPC_REFUSED')
  })
})
