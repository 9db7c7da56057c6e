/**
 * A TCP proxy that breaks as networks do: refuses, swallows, resets. In HTTP mode it can also lie about single answers.
 */
import { createServer as createHttpServer, type Server as HttpServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type FaultProxy = {
  url: string
  /** `up`: passes on. `refuse`: resets every connection. `swallow`: takes requests and never answers. */
  mode: 'up' | 'refuse' | 'swallow'
  stop(): Promise<void>
}

export async function startFaultProxy(targetPort: number): Promise<FaultProxy> {
  const sockets = new Set<Socket>()
  const proxy: FaultProxy = { url: '', mode: 'up', stop }
  const server = createServer((client) => {
    sockets.add(client)
    client.on('error', () => client.destroy())
    client.once('close', () => sockets.delete(client))
    if (proxy.mode === 'refuse') return client.resetAndDestroy()
    const upstream = connect(targetPort, '127.0.0.1')
    upstream.on('error', () => client.destroy())
    client.once('close', () => upstream.destroy())
    upstream.once('close', () => client.destroy())
    // Kept-alive connections meet the fault as well.
    client.on('data', (chunk) => {
      if (proxy.mode === 'refuse') client.resetAndDestroy()
      else if (proxy.mode === 'up') upstream.write(chunk)
    })
    upstream.on('data', (chunk) => {
      if (proxy.mode === 'refuse') client.resetAndDestroy()
      else if (proxy.mode === 'up') client.write(chunk)
    })
  })
  async function stop(): Promise<void> {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return proxy
}

export type JsonCall = { id: number; method: string; params: unknown[] }
/** In place of an answer: the node's refusal. */
export class Refusal {
  readonly error: { code: number; message: string }
  constructor(code: number, message: string) {
    this.error = { code, message }
  }
}
/** Changes one answer; returns undefined to let the true one pass. */
export type Lie = (call: JsonCall, answer: unknown) => unknown
export type LyingProxy = {
  url: string
  lie: Lie | undefined
  /** HTTP status for every request, with an empty body; 0 for none. */
  status: number
  stop(): Promise<void>
}

/** A JSON-RPC endpoint that answers as `targetUrl` does, except where it lies. */
export async function startLyingProxy(targetUrl: string): Promise<LyingProxy> {
  const proxy: LyingProxy = { url: '', lie: undefined, status: 0, stop: () => close(server) }
  const server = createHttpServer(async (request, response) => {
    const body = await readBody(request)
    if (proxy.status > 0) return void response.writeHead(proxy.status).end()
    const truth = await fetch(targetUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    const answers: unknown = await truth.json()
    const calls: unknown = JSON.parse(body)
    const told = Array.isArray(calls)
      ? (answers as unknown[]).map((answer, index) => twist(calls[index] as JsonCall, answer))
      : twist(calls as JsonCall, answers)
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(told))
  })
  function twist(call: JsonCall, answer: unknown): unknown {
    const lied = proxy.lie?.(call, (answer as { result?: unknown }).result)
    if (lied instanceof Refusal) return { jsonrpc: '2.0', id: call.id, error: lied.error }
    return lied === undefined ? answer : { jsonrpc: '2.0', id: call.id, result: lied }
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return proxy
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += chunk
  return body
}

function close(server: HttpServer): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}
