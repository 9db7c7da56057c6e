/**
 * A drand network of one, and its HTTP API: signs any round it is asked for, or behaves as the test says.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { drandMessage, type Hex, hexToBytes, SEED_DST } from '@enigma/protocol'
import { bls12_381 } from '@noble/curves/bls12-381.js'

export type FakeDrand = {
  readonly url: string
  /** `early`: has no round yet. `lies`: signs the next round in the name of the one asked for. */
  mode: 'signs' | 'early' | 'lies'
  /** Rounds that were asked for, repetitions included. */
  asked: number[]
  stop(): Promise<void>
}

const { shortSignatures } = bls12_381

export async function startFakeDrand(chainHash: Hex, secret: Uint8Array): Promise<FakeDrand> {
  function answer(path: string): { status: number; body: unknown } {
    const found = new RegExp(`^/${chainHash.slice(2)}/public/([0-9]+)$`).exec(path)?.[1]
    if (!found) return { status: 404, body: {} }
    const round = Number(found)
    fake.asked.push(round)
    if (fake.mode === 'early') return { status: 425, body: { error: 'too early' } }
    const message = hexToBytes(drandMessage(fake.mode === 'lies' ? round + 1 : round))
    const signature = shortSignatures.sign(shortSignatures.hash(message, SEED_DST), secret).toHex(true)
    return { status: 200, body: { round, signature } }
  }
  const server = createServer((request, response) => {
    const { status, body } = answer(request.url ?? '')
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const fake: FakeDrand = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mode: 'signs',
    asked: [],
    stop() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
  return fake
}
