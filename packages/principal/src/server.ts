/**
 * The HTTP side of the Principal and of observers: a few public facts. It changes nothing, and keeps nothing but a count
 * of who asks how often.
 */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Clock, RpcError, systemClock } from '@enigma/process'
import { createRateLimit } from './rate-limit.ts'

export type Answer = { status: number; body: unknown }
/** Answers the paths that it knows, and no other. */
export type Route = {
  readonly method: 'GET' | 'POST'
  /** For whoever asks for a path that there is not. */
  readonly paths: string
  /** `body` reads what a POST brought, as JSON; undefined for what is none. */
  readonly answer: (path: string, body: () => Promise<unknown>) => Promise<Answer> | Answer | undefined
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
    const cost = request.method === 'POST' ? POST_COST : 1
    const answered = limit.take(client, clock.nowMs(), cost)
      ? answerOf(request, routes)
      : refusal(429, 'TOO_MANY_REQUESTS', 'Ask again in a second.')
    void Promise.resolve(answered)
      .catch(failure)
      .then(({ status, body }) => {
        // Whoever sends more than is read is not listened to any longer.
        if (status === 413) response.setHeader('connection', 'close')
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

function answerOf(request: IncomingMessage, routes: readonly Route[]): Promise<Answer> | Answer {
  const { method, url = '/' } = request
  const [path = '/'] = url.split('?', 1)
  if (method === 'GET' && path === '/healthz') return { status: 200, body: { ok: true } }
  for (const route of routes) {
    const found = route.method === method && route.answer(path, () => readJson(request))
    if (found) return found
  }
  const known = routes.map((route) => `${route.method} ${route.paths}`).join(', ')
  if (method === 'GET') return refusal(404, 'NOT_FOUND', `There is ${known} and /healthz.`)
  return refusal(405, 'METHOD_NOT_ALLOWED', `There is ${known}.`)
}

/** Undefined for what is no JSON. Throws a `BodyTooLargeError` after 1 kB, and reads no further. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += (chunk as Buffer).length
    if (length > MOST_BYTES) throw new BodyTooLargeError()
    chunks.push(chunk as Buffer)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString())
  } catch {
    return undefined
  }
}

class BodyTooLargeError extends Error {
  override readonly name = 'Server.BodyTooLargeError'
}

/** What a route could not answer for now. Anything but our node's silence is a mistake of ours, and says nothing of itself. */
function failure(error: unknown): Answer {
  if (error instanceof BodyTooLargeError) return refusal(413, 'BODY_TOO_LARGE', `At most ${MOST_BYTES} bytes.`)
  if (!(error instanceof RpcError)) return refusal(500, 'INTERNAL', 'This could not be answered.')
  return error.code === 'RPC_LIMITED'
    ? refusal(503, 'BUSY', 'Too much is asked at once; ask again.')
    : refusal(503, 'NODE_AWAY', 'The node behind this server does not answer; ask again.')
}

/** Each is signed anew, where a GET mostly comes from memory: 20 a second. */
const POST_COST = 5
const MOST_BYTES = 1_024
