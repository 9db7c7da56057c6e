/**
 * JSON-RPC over HTTP, to a node that may be slow, gone, overloaded or lying.
 *
 * No retries and no watchers in here: each caller knows what waiting means for it. What comes back is `unknown` until it has
 * been parsed.
 */
import { EnigmaError } from '@enigma/protocol'

export type RpcCall = { method: string; params: readonly unknown[] }
export type Rpc = {
  call(method: string, params?: readonly unknown[]): Promise<unknown>
  /** All results in the order of the calls; one failed call fails them all. */
  batch(calls: readonly RpcCall[]): Promise<unknown[]>
}
export type RpcFailure = 'RPC_UNREACHABLE' | 'RPC_LIMITED' | 'RPC_REFUSED' | 'RPC_NONSENSE'

/** A client of the node at `url`. `origin` is all that errors say of it, since paths hold API keys. */
export function createRpc(url: string, { timeoutMs = 10_000, fetch = globalThis.fetch, signal }: RpcOptions = {}): Rpc {
  const origin = new URL(url).host
  let lastId = 0

  async function post(body: unknown): Promise<unknown> {
    let response: Response
    let text: string
    try {
      response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]),
      })
      text = await readBounded(response)
    } catch (error) {
      if (error instanceof RpcError) throw error
      throw new RpcError('RPC_UNREACHABLE', `${origin} does not answer.`, { cause: error })
    }
    if (response.status === 429 || response.status === 503) {
      throw new RpcError('RPC_LIMITED', `${origin} asks to come back later (HTTP ${response.status}).`)
    }
    try {
      return JSON.parse(text)
    } catch {
      const code = response.ok ? 'RPC_NONSENSE' : 'RPC_UNREACHABLE'
      throw new RpcError(code, `${origin} answered HTTP ${response.status} without JSON.`)
    }
  }

  async function readBounded(response: Response): Promise<string> {
    const decoder = new TextDecoder()
    let text = ''
    let length = 0
    for await (const chunk of response.body ?? []) {
      length += chunk.length
      if (length > MOST_BYTES) throw new RpcError('RPC_NONSENSE', `${origin} answered more than ${MOST_BYTES} bytes.`)
      text += decoder.decode(chunk, { stream: true })
    }
    return text + decoder.decode()
  }

  function unwrap(answer: unknown, id: number, method: string): unknown {
    if (!isObject(answer) || answer.id !== id)
      throw new RpcError('RPC_NONSENSE', `${origin} answered another call than ${method}.`)
    if (answer.error === undefined || answer.error === null) {
      if (!('result' in answer)) throw new RpcError('RPC_NONSENSE', `${origin} answered ${method} with nothing.`)
      return answer.result
    }
    const error = isObject(answer.error) ? answer.error : {}
    const rpcCode = typeof error.code === 'number' ? error.code : 0
    const said = typeof error.message === 'string' ? error.message.slice(0, 200) : ''
    // -32005: "limit exceeded" of EIP-1474; some providers use 429 here as well.
    const code = rpcCode === -32005 || rpcCode === 429 ? 'RPC_LIMITED' : 'RPC_REFUSED'
    throw new RpcError(code, `${origin} refused ${method}: ${said}`, { rpcCode, said, data: findData(error.data) })
  }

  return {
    async call(method, params = []) {
      const id = ++lastId
      return unwrap(await post({ jsonrpc: '2.0', id, method, params }), id, method)
    },
    async batch(calls) {
      const results: unknown[] = []
      for (let start = 0; start < calls.length; start += MOST_CALLS) {
        const requests = calls
          .slice(start, start + MOST_CALLS)
          .map((call) => ({ jsonrpc: '2.0', id: ++lastId, ...call }))
        const answers = await post(requests)
        if (!Array.isArray(answers)) {
          // A node that refuses the whole batch answers with one error object.
          unwrap(isObject(answers) ? { ...answers, id: 0 } : answers, 0, 'a batch')
          throw new RpcError('RPC_NONSENSE', `${origin} answered a batch with one result.`)
        }
        const byId = new Map(answers.map((answer: unknown) => [isObject(answer) ? answer.id : undefined, answer]))
        for (const request of requests) results.push(unwrap(byId.get(request.id), request.id, request.method))
      }
      return results
    },
  }
}

/** `signal` ends every call under way, so that a stop need not wait for a node that hangs. */
type RpcOptions = { timeoutMs?: number; fetch?: typeof globalThis.fetch; signal?: AbortSignal }

/** Far above any honest answer here (a full block of receipts), far below what would hurt this process. */
const MOST_BYTES = 32 * 1024 * 1024
/** Common providers refuse batches above 100 calls. */
const MOST_CALLS = 100

/** Thrown by every call that got no result. `RPC_REFUSED` is the node's answer; the other codes say that it has none now. */
export class RpcError extends EnigmaError {
  override readonly name = 'Rpc.RpcError'
  readonly code: RpcFailure
  readonly rpcCode: number
  /** The node's own words, for matching; not for logs. */
  readonly said: string
  /** Revert data, where the node gave any. */
  readonly data: string | undefined
  constructor(
    code: RpcFailure,
    message: string,
    about: { rpcCode?: number; said?: string; data?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, { hint: hints[code], cause: about.cause })
    this.code = code
    this.rpcCode = about.rpcCode ?? 0
    this.said = about.said ?? ''
    this.data = about.data
  }
}

/** Whether waiting may help: the node is away, overloaded or answering nonsense, rather than refusing this very call. */
export function isOutage(error: unknown): boolean {
  return error instanceof RpcError && error.code !== 'RPC_REFUSED'
}

/** Whether the node says that it has not got the block asked for, or its state: one behind the same URL may, or this one soon. */
export function isLagging(error: unknown): boolean {
  return error instanceof RpcError && error.code === 'RPC_REFUSED' && BEHIND.test(error.said)
}

/** geth's and Nethermind's, reth's and anvil's, Erigon's, Besu's words for it, and EIP-1898's. */
const BEHIND =
  /header not found|unknown block|block.{0,80}not found|missing trie node|state.{0,80}(?:not |un)available|not currently canonical|out ?of ?range|resource not found/i

const hints: Readonly<Record<RpcFailure, string>> = {
  RPC_UNREACHABLE: 'Check the RPC URL and that the node is running; this goes on by itself once it answers.',
  RPC_LIMITED: 'Use a node of your own or a larger plan; this goes on by itself once it answers.',
  RPC_REFUSED: 'The node answered with an error of its own; see its words.',
  RPC_NONSENSE: 'The endpoint does not behave like an Ethereum node; check the RPC URL.',
}

/** Nodes put revert data into `data`, or one or two levels below it. */
function findData(data: unknown): string | undefined {
  if (typeof data === 'string') return /^0x[0-9a-fA-F]*$/.test(data) ? data : undefined
  if (!isObject(data)) return undefined
  return findData(data.data ?? data.originalError)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
