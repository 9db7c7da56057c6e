/** HTTP around the routes: bodies with a bound, errors as problem+json, and a stop that leaves nothing behind. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Log } from './log.ts'
import { type Problem, ProblemError, problemOf } from './problem.ts'

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
/** `GET /healthz` → what answers it. */
export type Routes = ReadonlyMap<string, (request: Request) => Promise<Reply> | Reply>

/** A quote of 8,000 bytes in hex, with its wrapping, fits. */
const MAX_BODY_BYTES = 16 * 1024
/** Long enough for a slow line, short enough that idle senders do not pile up. */
const REQUEST_TIMEOUT_MS = 10_000

/** Starts listening; resolves once requests are answered. */
export async function startHttp(
  { host, port }: { host: string; port: number },
  routes: Routes,
  log: Log,
): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (incoming, outgoing) => {
    void answer(incoming, outgoing, routes, log)
  })
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

async function answer(incoming: IncomingMessage, outgoing: ServerResponse, routes: Routes, log: Log): Promise<void> {
  const began = performance.now()
  const method = incoming.method ?? 'GET'
  const url = URL.parse(incoming.url ?? '/', 'http://service')
  // Only paths that exist are logged; any other is the caller's own text.
  const path = [...routes.keys()].map((key) => key.slice(key.indexOf(' ') + 1)).find((known) => known === url?.pathname)
  let reply: Reply
  let failure: { code: string; reason: string | undefined } | undefined
  try {
    if (!url || path === undefined) throw new ProblemError('NOT_FOUND')
    const header = (name: string) => incoming.headers[name]?.toString()
    reply = await route(routes, method, path, { query: url.searchParams, header, body: () => readBody(incoming) })
  } catch (error) {
    const problem = problemOf(error)
    // Of an error that nobody foresaw the name alone is logged: its text may hold anything.
    const unforeseen = problem.code === 'INTERNAL' && error instanceof Error ? error.name : undefined
    failure = { code: problem.code, reason: problem.reason ?? unforeseen }
    reply = { status: problem.status, headers: headersOf(problem), body: JSON.stringify(problem) }
  }
  const { status = 200, headers = {}, body = '' } = reply
  // Everything served is public and signed, and no cookie is read: any page may use it.
  outgoing.writeHead(status, { 'access-control-allow-origin': '*', 'x-content-type-options': 'nosniff', ...headers })
  // What a refused sender still sends is not read.
  if (!incoming.complete) outgoing.once('finish', () => incoming.destroy())
  outgoing.end(method === 'HEAD' ? undefined : body)
  const ms = Math.round(performance.now() - began)
  log(status >= 500 ? 'warn' : 'info', 'request', { method, route: path, status, ...failure, ms })
}

function headersOf({ status }: Problem): Record<string, string> {
  return { 'content-type': 'application/problem+json', ...(status === 503 ? { 'retry-after': '60' } : {}) }
}

function route(routes: Routes, method: string, path: string, request: Request): Promise<Reply> | Reply {
  const handler = routes.get(`${method === 'HEAD' ? 'GET' : method} ${path}`)
  if (handler) return handler(request)
  if (method === 'OPTIONS') return preflight()
  throw new ProblemError('METHOD_NOT_ALLOWED')
}

function preflight(): Reply {
  const headers = { 'access-control-allow-methods': 'GET, POST', 'access-control-allow-headers': 'content-type' }
  return { status: 204, headers: { ...headers, 'access-control-max-age': '86400' } }
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  if (Number(incoming.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw new ProblemError('BODY_TOO_LARGE')
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
