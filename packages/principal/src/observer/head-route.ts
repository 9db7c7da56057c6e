/** The head of now over HTTP, for whoever drew a nonce. No mirror can answer this one: the nonce is new each time. */
import type { Hex } from '@enigma/protocol'
import { type Answer, type Route, refusal } from '../server.ts'
import type { Observer } from './observer.ts'

export function headRoute(observer: Observer): Route {
  return {
    method: 'POST',
    paths: '/v1/heads',
    answer: (path, body) => (path === '/v1/heads' ? answer(observer, body) : undefined),
  }
}

async function answer({ address, newest }: Observer, body: () => Promise<unknown>): Promise<Answer> {
  const nonce = nonceOf(await body())
  if (!nonce)
    return refusal(400, 'BAD_BODY', 'Send { "nonce": "0x…" } with 32 bytes in lowercase hex, and nothing else.')
  const observed = await newest(nonce)
  if ('youngBy' in observed) {
    return refusal(404, 'HEADER_TOO_YOUNG', `The first block is signed ${observed.youngBy} block(s) from now.`)
  }
  if ('exchanged' in observed) {
    return refusal(503, 'BLOCK_EXCHANGED', `Another block ${observed.exchanged} was signed before; ask after the next.`)
  }
  if ('behind' in observed) {
    return refusal(503, 'NODE_BEHIND', `The node behind this server is still at block ${observed.behind}.`)
  }
  const { chainId, number, hash, timestamp, signature } = observed
  const numbers = { chainId: String(chainId), number: String(number), hash, timestamp: String(timestamp) }
  return { status: 200, body: { ...numbers, nonce, observer: address, ...signature } }
}

function nonceOf(body: unknown): Hex | undefined {
  if (typeof body !== 'object' || body === null || Object.keys(body).join() !== 'nonce') return undefined
  const { nonce } = body as { nonce: unknown }
  return typeof nonce === 'string' && /^0x[0-9a-f]{64}$/.test(nonce) ? (nonce as Hex) : undefined
}
