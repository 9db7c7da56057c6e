/** An observer's word over HTTP. Signatures are data: any mirror may serve them on. */
import { type Answer, type Route, refusal } from '../server.ts'
import type { Observer } from './observer.ts'

export function headerRoute(observer: Observer): Route {
  return {
    method: 'GET',
    paths: '/v1/headers/{number}',
    answer: (path) => {
      const number = /^\/v1\/headers\/(0|[1-9][0-9]{0,17})$/.exec(path)?.[1]
      return number === undefined ? undefined : answer(observer, number)
    },
  }
}

async function answer({ chainId, address, observe }: Observer, number: string): Promise<Answer> {
  const observed = await observe(BigInt(number))
  if ('youngBy' in observed) {
    return refusal(404, 'HEADER_TOO_YOUNG', `This block is signed ${observed.youngBy} block(s) from now.`)
  }
  const { hash, signature } = observed
  return { status: 200, body: { chainId: String(chainId), number, hash, observer: address, ...signature } }
}
