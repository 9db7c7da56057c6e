/**
 * The wire between a client and its RPC, in a test's hands: it counts, alters and cuts.
 *
 * "Nothing was sent" is asserted here, on what left the client, not on what the client says of itself.
 */
import { custom, type EIP1193RequestFn, HttpRequestError } from 'viem'

export type Wire = {
  /** Methods asked, in order. */
  readonly asked: string[]
  /** Transactions that left the client. */
  readonly sent: unknown[]
  /** Alters what the RPC answers. */
  alter(method: string, change: (answer: unknown, params: unknown) => unknown): void
  /** Runs before a request goes out; what it throws is the answer. */
  before(method: string, hook: (params: unknown) => void | Promise<void>): void
  /** The next request of this kind does not arrive; or arrives, and its answer does not. */
  loseNext(method: string, what: 'request' | 'answer'): void
  isDown: boolean
  readonly transport: ReturnType<typeof custom>
}

const SENDS = ['eth_sendRawTransaction', 'eth_sendTransaction', 'wallet_sendCalls']

export function openWire(request: EIP1193RequestFn): Wire {
  const alterations = new Map<string, (answer: unknown, params: unknown) => unknown>()
  const hooks = new Map<string, (params: unknown) => void | Promise<void>>()
  const lost = new Map<string, 'request' | 'answer'>()
  const wire: Wire = {
    asked: [],
    sent: [],
    alter: (method, change) => void alterations.set(method, change),
    before: (method, hook) => void hooks.set(method, hook),
    loseNext: (method, what) => void lost.set(method, what),
    isDown: false,
    transport: custom(
      {
        request: async ({ method, params }: { method: string; params?: unknown }) => {
          wire.asked.push(method)
          if (wire.isDown) throw unreachable()
          await hooks.get(method)?.(params)
          if (SENDS.includes(method)) wire.sent.push(params)
          const loses = lost.get(method)
          lost.delete(method)
          if (loses === 'request') throw unreachable()
          const answer = await request({ method, params } as never)
          if (loses === 'answer') throw unreachable()
          const change = alterations.get(method)
          return change ? change(structuredClone(answer), params) : answer
        },
      },
      { retryCount: 0 },
    ),
  }
  return wire
}

function unreachable(): HttpRequestError {
  return new HttpRequestError({ url: 'http://rpc.test', body: {} })
}
