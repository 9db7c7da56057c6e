/** A service that serves what the test likes in place of collateral, and takes any quote for genuine. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Lie = { status?: number; body: string }

export type LyingService = {
  url: string
  /** What it serves from now on. */
  serve(lie: Lie): void
  /** Quotes that somebody asked it to judge. */
  judged(): number
  stop(): Promise<void>
}

export async function startLyingService(): Promise<LyingService> {
  let lie: Lie = { body: '' }
  let judged = 0
  const server = createServer((request, response) => {
    if (request.method === 'POST') {
      judged++
      response.end(JSON.stringify({ verdict: { accept: true, tcbStatus: 'UpToDate' }, accept: true }))
      return
    }
    response.writeHead(lie.status ?? 200, { 'content-type': 'application/json' })
    response.end(lie.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve(next) {
      lie = next
    },
    judged: () => judged,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
