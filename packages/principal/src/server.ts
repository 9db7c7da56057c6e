/**
 * The Principal's HTTP side: the seeds, for whoever wants to post or check one. Read-only, public, without state.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SeedStore } from './seeds.ts'

export type SeedServer = { url: string; stop(): Promise<void> }

export async function startServer(
  { host, port }: { host: string; port: number },
  seeds: Pick<SeedStore, 'find' | 'latest'>,
): Promise<SeedServer> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    const { status, body } = answer(request.method, request.url ?? '/', seeds)
    response.writeHead(status, { 'content-type': 'application/json', 'access-control-allow-origin': '*' })
    response.end(JSON.stringify(body))
  })
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

function answer(method: string | undefined, url: string, seeds: Pick<SeedStore, 'find' | 'latest'>) {
  if (method !== 'GET') return refusal(405, 'METHOD_NOT_ALLOWED', 'Only GET.')
  const [path] = url.split('?', 1)
  if (path === '/healthz') return { status: 200, body: { ok: true } }
  const epoch = /^\/v1\/seeds\/(latest|[0-9]{1,8})$/.exec(path ?? '')?.[1]
  if (epoch === undefined)
    return refusal(404, 'NOT_FOUND', 'There is /v1/seeds/latest, /v1/seeds/{epoch} and /healthz.')
  const record = epoch === 'latest' ? seeds.latest() : seeds.find(Number(epoch))
  return record ? { status: 200, body: record } : refusal(404, 'NO_SEED', 'No seed was drawn for this epoch.')
}

function refusal(status: number, code: string, message: string) {
  return { status, body: { error: { code, message } } }
}
