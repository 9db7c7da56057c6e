/** The observers of a test network: real ones, each behind a door at which the test says what comes out. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import type { LogSink, Observation } from '@enigma/cli/localnet'
import { startObserver } from '@enigma/principal'
import { createLogger, Secret } from '@enigma/process'
import { type Address, bytesToHex, type Hex, keccak256, signHead, signHeader, utf8 } from '@enigma/protocol'

export type ObserverFault =
  /** Takes questions and never answers. */
  | 'silent'
  /** Signs another hash than the block has, of old blocks and of the newest. */
  | 'lying'

export type TestObserver = {
  readonly address: Address
  readonly url: string
  fault: ObserverFault | undefined
}
export type ObserversOptions = { count: number; threshold: number; depth?: number }
export type StartedObservers = { observers: TestObserver[]; observation: Observation; stop(): Promise<void> }

/** Of a header, or of a head with its nonce. */
type Body = { number: string; hash: Hex; timestamp?: string; nonce?: Hex }
type Chain = { rpcUrl: string; chainId: number; data: string }

/** Starts `count` observers; resolves once all answer. */
export async function startObservers(
  { count, threshold, depth = 0 }: ObserversOptions,
  chain: Chain,
  log: LogSink,
): Promise<StartedObservers> {
  const names = Array.from({ length: count }, (_, index) => `observer-${index + 1}`)
  const started = await Promise.all(names.map((name) => startOne(name, depth, chain, log)))
  const observers = started.map(({ observer }) => observer)
  return {
    observers,
    observation: { observers: observers.map(({ address, url }) => ({ address, url })), threshold, depth },
    stop: async () => void (await Promise.all(started.map(({ stop }) => stop()))),
  }
}

async function startOne(name: string, depth: number, { rpcUrl, chainId, data }: Chain, log: LogSink) {
  const secretKey = Buffer.from(keccak256(utf8(name)).slice(2), 'hex')
  const real = await startObserver(
    {
      dataDir: path.join(data, name),
      rpcUrl,
      chainId: BigInt(chainId),
      observerKey: new Secret(bytesToHex(secretKey)),
      depth,
      followReorganisations: true,
      host: '127.0.0.1',
      port: 0,
    },
    { log: createLogger(name, { write: (line) => log(name, line) }) },
  )
  const server = createServer((request, response) => {
    if (observer.fault !== 'silent') void answer(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const observer: TestObserver = { address: real.observer, url, fault: undefined }

  async function answer(asked: IncomingMessage, response: ServerResponse): Promise<void> {
    const post = { method: 'POST', body: await text(asked) }
    const truth = await fetch(new URL(asked.url ?? '/', real.url), asked.method === 'POST' ? post : {})
    const body = (await truth.json()) as Body
    const told = observer.fault === 'lying' && truth.ok ? lieAbout(body) : body
    response.writeHead(truth.status, { 'content-type': 'application/json' }).end(JSON.stringify(told))
  }

  function lieAbout(body: Body): Body {
    const { nonce, timestamp } = body
    const header = { chainId: BigInt(chainId), number: BigInt(body.number), hash: keccak256(utf8(`not ${body.hash}`)) }
    if (nonce === undefined || timestamp === undefined) {
      return { ...body, hash: header.hash, ...signHeader(secretKey, header) }
    }
    const head = { ...header, nonce, timestamp: BigInt(timestamp) }
    return { ...body, hash: head.hash, ...signHead(secretKey, head) }
  }

  return {
    observer,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await real.stop()
    },
  }
}
