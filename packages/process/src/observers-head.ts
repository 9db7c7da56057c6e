/**
 * The head of now, as soon as enough observers have signed the same one for the asker's nonce.
 *
 * Their nodes hear of a block at different moments, so that answers may be neighbours. Each URL is asked again and again with the
 * same nonce, on its own, so that one that hangs holds up nobody; what an observer has signed once stays good.
 */
import {
  type Address,
  type CompactSignature,
  type FreshHead,
  type Hex,
  headDigest,
  parseHex,
  recoverObserver,
} from '@enigma/protocol'
import { systemClock } from './clock.ts'
import { askObserver, type ObserverFault } from './observers-ask.ts'

/** A head and one signature of each distinct observer that signed it. */
export type AgreedHead = FreshHead & { signatures: readonly CompactSignature[] }

export type HeadQuestion = {
  chainId: bigint
  nonce: Hex
  urls: readonly string[]
  /** Lowercase. */
  observers: ReadonlySet<Address>
  threshold: number
}
type Parts = {
  fetch: typeof globalThis.fetch
  /** For one answer. */
  timeoutMs: number
  /** Between an answer of a URL and the next question to it. */
  againMs: number
  /** Ends it all. */
  signal: AbortSignal
  hear: (url: string, fault: ObserverFault | undefined) => void
}
type Vote = { head: FreshHead; observer: Address; signature: CompactSignature }

/** Undefined where `signal` fired before `threshold` observers agreed. */
export async function agreeOnHead(question: HeadQuestion, parts: Parts): Promise<AgreedHead | undefined> {
  const { urls, threshold } = question
  const agreed = new AbortController()
  const over = AbortSignal.any([agreed.signal, parts.signal])
  const votes = new Map<Hex, Map<Address, CompactSignature>>()
  let found: AgreedHead | undefined

  function count({ head, observer, signature }: Vote): void {
    const digest = headDigest(head)
    const voters = (votes.get(digest) ?? new Map()).set(observer, signature)
    votes.set(digest, voters)
    if (voters.size < threshold || found) return
    found = { ...head, signatures: [...voters.values()] }
    agreed.abort()
  }

  async function keepAsking(url: string): Promise<void> {
    while (!over.aborted) {
      const vote = await ask(url)
      if (over.aborted) return
      parts.hear(url, typeof vote === 'string' ? vote : undefined)
      if (typeof vote !== 'string') count(vote)
      await systemClock.sleep(parts.againMs, over)
    }
  }

  function ask(url: string): Promise<Vote | ObserverFault> {
    const signal = AbortSignal.any([over, AbortSignal.timeout(parts.timeoutMs)])
    const parse = (answer: Record<string, unknown>) => parseVote(answer, question)
    return askObserver(
      { url, path: 'v1/heads', body: { nonce: question.nonce }, parse },
      { fetch: parts.fetch, signal },
    )
  }

  await Promise.all(urls.map(keepAsking))
  return found
}

/** Only what the signature itself says is believed: chain and nonce are ours, the rest is what was signed. */
function parseVote(answer: Record<string, unknown>, { chainId, nonce, observers }: HeadQuestion): Vote | ObserverFault {
  if (answer.chainId !== String(chainId) || answer.nonce !== nonce) return 'NONSENSE'
  const word = (what: 'hash' | 'r' | 'vs') => parseHex(answer[what], { bytes: 32, what })
  const [number, timestamp] = [decimal(answer.number), decimal(answer.timestamp)]
  if (number === undefined || timestamp === undefined) return 'NONSENSE'
  const signature = { r: word('r'), vs: word('vs') }
  const head = { chainId, number, hash: word('hash'), timestamp, nonce }
  const observer = recoverObserver(headDigest(head), signature)
  return observers.has(observer) ? { head, observer, signature } : 'STRANGER'
}

/** Of a uint64, as block numbers and times are. */
function decimal(value: unknown): bigint | undefined {
  if (typeof value !== 'string' || !/^(?:0|[1-9][0-9]{0,19})$/.test(value)) return undefined
  const found = BigInt(value)
  return found < 1n << 64n ? found : undefined
}
