/** HTTP around the routes: bodies, rates and waiting with a bound, errors as problem+json, a stop that leaves nothing behind. */
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock, Logger } from '@enigma/process'
import { clientOf } from './client-address.ts'
import { type Problem, ProblemError, problemOf } from './problem.ts'
import { createRateLimit } from './token-bucket.ts'

export type Request = {
  readonly query: URLSearchParams
  readonly header: (name: string) => string | undefined
  readonly body: () => Promise<string>
}
export type Reply = {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}
export type Handler = (request: Request) => Promise<Reply> | Reply
export type Route = {
  /** For logs and metrics. */
  readonly name: string
  readonly method: 'GET' | 'POST'
  readonly handle: Handler
  /** Not counted against a client's rate: for probes. */
  readonly isProbe?: true
}
/** By path. */
export type Routes = ReadonlyMap<string, Route>

export type HttpConfig = {
  readonly host: string
  readonly port: number
  readonly requestsPerMinute: number
  /** Whether the last entry of X-Forwarded-For is the client: behind a proxy of one's own. */
  readonly trustProxy: boolean
}
export type HttpParts = {
  readonly clock: Clock
  readonly log: Logger
  readonly onRequest?: (route: string, status: number) => void
}

/** A quote of 8,000 bytes in hex, with its wrapping, fits. */
const MAX_BODY_BYTES = 16 * 1024
/** Long enough for a slow line, short enough that idle senders do not pile up. */
const REQUEST_TIMEOUT_MS = 10_000
/** A client that does not read its answer is cut off as well. */
const IDLE_TIMEOUT_MS = 20_000
const MOST_CONNECTIONS = 512

/** Starts listening; resolves once requests are answered. */
export async function startHttp(
  config: HttpConfig,
  routes: Routes,
  parts: HttpParts,
): Promise<{ url: string; stop(): Promise<void> }> {
  const { host, port, requestsPerMinute } = config
  const limit = createRateLimit({ perMinute: requestsPerMinute, burst: Math.ceil(requestsPerMinute / 4) })
  const take = (incoming: IncomingMessage) =>
    limit.take(
      clientOf(incoming.socket.remoteAddress, config.trustProxy && incoming.headers['x-forwarded-for']),
      parts.clock.nowMs(),
    )
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS / 2,
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: 5_000,
      maxHeaderSize: 8 * 1024,
    },
    (incoming, outgoing) => void answer(incoming, outgoing, routes, take, parts),
  )
  server.maxConnections = MOST_CONNECTIONS
  server.setTimeout(IDLE_TIMEOUT_MS)
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve))
  const { port: bound } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    stop: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        server.closeIdleConnections()
        // Whoever is still being answered gets a moment, not a veto.
        setTimeout(() => server.closeAllConnections(), 1_000).unref()
      }),
  }
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  routes: Routes,
  take: (incoming: IncomingMessage) => number,
  { log, onRequest }: HttpParts,
): Promise<void> {
  const began = performance.now()
  const method = incoming.method ?? 'GET'
  const url = URL.parse(incoming.url ?? '/', 'http://service')
  const route = routes.get(url?.pathname ?? '')
  let reply: Reply
  let failure: { code: string; reason: string | undefined } | undefined
  try {
    const waitSeconds = route?.isProbe ? 0 : take(incoming)
    if (waitSeconds > 0) throw new ProblemError('TOO_MANY_REQUESTS', { retryAfterSeconds: waitSeconds })
    if (!url || !route) throw new ProblemError('NOT_FOUND')
    const header = (name: string) => incoming.headers[name]?.toString()
    reply = await handle(route, method, { query: url.searchParams, header, body: () => readBody(incoming) })
  } catch (error) {
    const problem = problemOf(error)
    // Of an error that nobody foresaw the name alone is logged: its text may hold anything.
    const unforeseen = problem.code === 'INTERNAL' && error instanceof Error ? error.name : undefined
    failure = { code: problem.code, reason: problem.reason ?? unforeseen }
    reply = { status: problem.status, headers: headersOf(problem, error, route), body: JSON.stringify(problem) }
  }
  const { status = 200, headers = {}, body = '' } = reply
  // Everything served is public and signed, and no cookie is read: any page may use it.
  outgoing.writeHead(status, {
    'access-control-allow-origin': '*',
    'access-control-expose-headers': '*',
    'x-content-type-options': 'nosniff',
    'request-id': randomUUID().replaceAll('-', ''),
    ...(status === 204 || status === 304 ? {} : { 'content-length': Buffer.byteLength(body) }),
    ...headers,
  })
  // What a refused sender still sends is not read.
  if (!incoming.complete) outgoing.once('finish', () => incoming.destroy())
  outgoing.end(method === 'HEAD' ? undefined : body)
  const ms = Math.round(performance.now() - began)
  // Only routes that exist are named; any other path is the caller's own text.
  const name = route?.name ?? 'none'
  onRequest?.(name, status)
  // Whoever asks without bound is counted; his lines would fill the disk.
  if ((route?.isProbe && !failure) || status === 429) return
  log[status >= 500 ? 'warn' : 'info']('request', { method, route: name, httpStatus: status, ...failure, ms })
}

function headersOf({ status }: Problem, error: unknown, route: Route | undefined): Record<string, string> {
  const seconds = (error instanceof ProblemError && error.retryAfterSeconds) || (status === 503 ? 60 : undefined)
  return {
    'content-type': 'application/problem+json',
    ...(seconds === undefined ? {} : { 'retry-after': `${seconds}` }),
    ...(status === 405 && route ? { allow: methodsOf(route) } : {}),
  }
}

function handle(route: Route, method: string, request: Request): Promise<Reply> | Reply {
  if (method === route.method || (method === 'HEAD' && route.method === 'GET')) return route.handle(request)
  if (method === 'OPTIONS') return preflight(route)
  throw new ProblemError('METHOD_NOT_ALLOWED')
}

function preflight(route: Route): Reply {
  const methods = methodsOf(route)
  const allowed = {
    'access-control-allow-methods': methods,
    'access-control-allow-headers': 'content-type, if-none-match',
  }
  return { status: 204, headers: { allow: methods, ...allowed, 'access-control-max-age': '86400' } }
}

function methodsOf({ method }: Route): string {
  return method === 'GET' ? 'GET, HEAD, OPTIONS' : 'POST, OPTIONS'
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    // Left open on a refusal, so that the answer can still go out.
    for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > MAX_BODY_BYTES) throw new ProblemError('BODY_TOO_LARGE')
      chunks.push(chunk)
    }
  } catch (cause) {
    if (cause instanceof ProblemError) throw cause
    throw new ProblemError('MALFORMED_REQUEST', { detail: 'The body broke off.', cause })
  }
  return Buffer.concat(chunks).toString('utf8')
}
