/**
 * The HTTP side of the Principal and of observers: a few public facts. Read-only, and without state beyond a count of
 * who asks how often.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Clock, RpcError, systemClock } from '@enigma/process'
import { createRateLimit } from './rate-limit.ts'

export type Answer = { status: number; body: unknown }
/** Answers the paths that it knows, and no other. */
export type Route = {
  /** For whoever asks for a path that there is not. */
  readonly paths: string
  readonly answer: (path: string) => Promise<Answer> | Answer | undefined
}
export type HttpServer = { url: string; stop(): Promise<void> }

export async function startServer(
  { host, port }: { host: string; port: number },
  routes: readonly Route[],
  { clock = systemClock }: { clock?: Clock } = {},
): Promise<HttpServer> {
  const limit = createRateLimit({ perSecond: 100, burst: 1_000 })
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    const client = request.socket.remoteAddress ?? ''
    const answered = limit.take(client, clock.nowMs())
      ? answerOf(request.method, request.url ?? '/', routes)
      : refusal(429, 'TOO_MANY_REQUESTS', 'Ask again in a second.')
    void Promise.resolve(answered)
      .catch(failure)
      .then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json', 'access-control-allow-origin': '*' })
        response.end(JSON.stringify(body))
      })
  })
  server.maxConnections = 1_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const { address, family, port: listening } = server.address() as AddressInfo
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${listening}`,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export function refusal(status: number, code: string, message: string): Answer {
  return { status, body: { error: { code, message } } }
}

function answerOf(method: string | undefined, url: string, routes: readonly Route[]): Promise<Answer> | Answer {
  if (method !== 'GET') return refusal(405, 'METHOD_NOT_ALLOWED', 'Only GET.')
  const [path = '/'] = url.split('?', 1)
  if (path === '/healthz') return { status: 200, body: { ok: true } }
  for (const { answer } of routes) {
    const found = answer(path)
    if (found) return found
  }
  return refusal(404, 'NOT_FOUND', `There is ${routes.map(({ paths }) => paths).join(', ')} and /healthz.`)
}

/** What a route could not answer for now. Anything but our node's silence is a mistake of ours, and says nothing of itself. */
function failure(error: unknown): Answer {
  if (!(error instanceof RpcError)) return refusal(500, 'INTERNAL', 'This could not be answered.')
  return error.code === 'RPC_LIMITED'
    ? refusal(503, 'BUSY', 'Too much is asked at once; ask again.')
    : refusal(503, 'NODE_AWAY', 'The node behind this server does not answer; ask again.')
}
