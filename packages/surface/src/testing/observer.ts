/**
 * An observer of a chain inside the test: signs what the node says, or behaves as the test says.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseBlock, type Rpc } from '@enigma/process'
import { type Address, type Hex, signerAddress, signHead, signHeader } from '@enigma/protocol'

export type TestObserver = {
  readonly address: Address
  url: string
  /** `lies`: signs another hash. `young`: finds every block too young. */
  mode: 'signs' | 'silent' | 'lies' | 'young'
  /** Numbers that were asked for, repetitions included. */
  asked: bigint[]
  stop(): Promise<void>
}

/** It signs for heads `depth` deep, and for any header. */
export async function startObserver(rpc: Rpc, chainId: bigint, depth = 0, seed = 0x0b): Promise<TestObserver> {
  const key = new Uint8Array(32).fill(seed)
  const observer: TestObserver = { address: signerAddress(key), url: '', mode: 'signs', asked: [], stop }

  async function answer(path: string): Promise<{ status: number; body: unknown }> {
    const number = BigInt(/^\/v1\/headers\/([0-9]+)$/.exec(path)?.[1] ?? 0)
    observer.asked.push(number)
    const block = parseBlock(await rpc.call('eth_getBlockByNumber', [`0x${number.toString(16)}`, false]))
    if (observer.mode === 'silent') return { status: 503, body: {} }
    if (!block || observer.mode === 'young') return { status: 404, body: { error: { code: 'HEADER_TOO_YOUNG' } } }
    const hash: Hex = observer.mode === 'lies' ? `0x${'11'.repeat(32)}` : block.hash
    const signature = signHeader(key, { chainId, number, hash })
    const names = { chainId: String(chainId), number: String(number), observer: observer.address }
    return { status: 200, body: { ...names, hash, ...signature } }
  }
  async function answerHead(nonce: Hex): Promise<{ status: number; body: unknown }> {
    if (observer.mode !== 'signs') return { status: 503, body: {} }
    const newest = BigInt((await rpc.call('eth_blockNumber')) as string) - BigInt(depth)
    const block = parseBlock(await rpc.call('eth_getBlockByNumber', [`0x${newest.toString(16)}`, false]))
    if (!block) return { status: 404, body: { error: { code: 'HEADER_TOO_YOUNG' } } }
    const { number, hash, timestamp } = block
    const signature = signHead(key, { chainId, number, hash, timestamp, nonce })
    const numbers = { chainId: String(chainId), number: String(number), hash, timestamp: String(timestamp) }
    return { status: 200, body: { ...numbers, nonce, observer: observer.address, ...signature } }
  }
  const server = createServer(async (request, response) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of request) chunks.push(chunk)
    const asked = Buffer.concat(chunks).toString()
    const answering = request.method === 'POST' ? answerHead(JSON.parse(asked).nonce) : answer(request.url ?? '')
    const { status, body } = await answering.catch(() => ({ status: 500, body: {} }))
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  function stop(): Promise<void> {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(() => resolve()))
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  observer.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return observer
}
