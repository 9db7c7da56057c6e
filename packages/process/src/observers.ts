/**
 * Observers' signatures over a block header, or over the head of now, collected from the URLs where observers or mirrors
 * of theirs answer.
 *
 * Who serves a signature does not matter: what counts is how many distinct observers of the network signed. An answer that
 * does not help is left aside with a reason, and costs no more than its time and its few bytes.
 */
import {
  type Address,
  type CompactSignature,
  type Hex,
  headerDigest,
  type ObservedHeader,
  parseHex,
  recoverObserver,
} from '@enigma/protocol'
import { type Logger, silentLogger } from './log.ts'
import { askObserver, type ObserverFault } from './observers-ask.ts'
import { type AgreedHead, agreeOnHead } from './observers-head.ts'

export type ObserversConfig = {
  chainId: bigint
  observers: readonly Address[]
  threshold: number
  urls: readonly string[]
}
type Parts = {
  timeoutMs?: number
  /** For those that have not answered, once so many have that asking again soon will do. */
  patienceMs?: number
  /** Until observers must have agreed on the head of now. */
  agreeMs?: number
  /** Between two questions of one URL for the head of now. */
  againMs?: number
  fetch?: typeof globalThis.fetch
  /** Ends every question under way. */
  signal?: AbortSignal
  /** Hears when a URL stops being of use, and when it is again. */
  log?: Logger
}

export type Observation = {
  /**
   * `observed`: by `threshold` observers or more. `otherBranch`: that many say that the number has another hash.
   * `tooYoung`: not yet, but enough observers are there to ask again. `silent`: fewer than that.
   */
  kind: 'observed' | 'otherBranch' | 'tooYoung' | 'silent'
  /** One of each distinct observer that signed for the hash asked about. */
  signatures: readonly CompactSignature[]
}
export type ObserverHealth = { url: string; fault: ObserverFault | undefined }
export type Observers = ReturnType<typeof createObservers>

export function createObservers({ chainId, observers, threshold, urls }: ObserversConfig, parts: Parts = {}) {
  const { timeoutMs = 5_000, patienceMs = 500, agreeMs = 15_000, againMs = 500 } = parts
  const { fetch = globalThis.fetch, signal, log = silentLogger } = parts
  const known = new Set(observers.map((observer) => parseHex(observer, { bytes: 20, what: 'observer' })))
  const faults = new Map<string, ObserverFault | undefined>()

  function ask(url: string, number: bigint, over: AbortSignal): Promise<Vote | ObserverFault> {
    const parse = (answer: Record<string, unknown>) => parseVote(answer, { chainId, number }, known)
    return askObserver({ url, path: `v1/headers/${number}`, parse }, { fetch, signal: over })
  }

  function hear(url: string, fault: ObserverFault | undefined): void {
    const before = faults.get(url)
    faults.set(url, fault)
    if (fault === before || (fault === 'TOO_YOUNG' && before === undefined)) return
    if (fault === undefined || fault === 'TOO_YOUNG') log.info('observer-back', { url })
    else log.warn('observer-fault', { url, reason: fault })
  }

  /** Asks all URLs at once, and no longer than until enough observers have signed for `hash`. */
  async function observe({ number, hash }: Pick<ObservedHeader, 'number' | 'hash'>): Promise<Observation> {
    const enough = new AbortController()
    const over = AbortSignal.any([enough.signal, AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])])
    /** By hash and observer: whoever signs two hashes counts for both, as he would with Core. */
    const votes = new Map<Hex, Map<Address, CompactSignature>>()
    let young = 0
    const countOf = (voted: Hex) => votes.get(voted)?.size ?? 0
    let patience: ReturnType<typeof setTimeout> | undefined
    /** Whoever hangs would otherwise hold up by seconds what comes a moment later. */
    const losePatience = () => {
      if (countOf(hash) + young >= threshold) patience ??= setTimeout(() => enough.abort(), patienceMs)
    }

    await Promise.all(
      urls.map(async (url) => {
        const answer = await ask(url, number, over)
        if (enough.signal.aborted || signal?.aborted) return
        if (typeof answer === 'string') {
          if (answer === 'TOO_YOUNG') young++
          losePatience()
          return hear(url, answer)
        }
        hear(url, answer.hash === hash ? undefined : 'OTHER_HASH')
        const voters = votes.get(answer.hash) ?? new Map()
        votes.set(answer.hash, voters.set(answer.observer, answer.signature))
        if (countOf(hash) >= threshold) enough.abort()
        else losePatience()
      }),
    )
    clearTimeout(patience)
    return { kind: kindOf(), signatures: [...(votes.get(hash)?.values() ?? [])] }

    function kindOf(): Observation['kind'] {
      if (countOf(hash) >= threshold) return 'observed'
      if ([...votes.keys()].some((other) => countOf(other) >= threshold)) return 'otherBranch'
      return countOf(hash) + young >= threshold ? 'tooYoung' : 'silent'
    }
  }

  /**
   * The newest block that `threshold` observers signed with this nonce, or undefined where they agreed on none in time.
   * Asks all URLs until then.
   */
  function head(nonce: Hex, { signal: given }: { signal?: AbortSignal } = {}): Promise<AgreedHead | undefined> {
    const over = AbortSignal.any([AbortSignal.timeout(agreeMs), ...[signal, given].filter((one) => one !== undefined)])
    const question = {
      chainId,
      nonce: parseHex(nonce, { bytes: 32, what: 'nonce' }),
      urls,
      observers: known,
      threshold,
    }
    return agreeOnHead(question, { fetch, timeoutMs, againMs, signal: over, hear })
  }

  return {
    observe,
    head,
    /** What each URL was good for when it last answered; `undefined`: it helped, or was not asked yet. */
    health: (): ObserverHealth[] => urls.map((url) => ({ url, fault: faults.get(url) })),
  }
}

type Vote = { observer: Address; hash: Hex; signature: CompactSignature }

/** Only what the signature itself says is believed; the answer's other fields must agree with it. */
function parseVote(
  answer: Record<string, unknown>,
  { chainId, number }: { chainId: bigint; number: bigint },
  known: ReadonlySet<Address>,
): Vote | ObserverFault {
  if (answer.chainId !== String(chainId) || answer.number !== String(number)) return 'NONSENSE'
  const word = (what: 'hash' | 'r' | 'vs') => parseHex(answer[what], { bytes: 32, what })
  const signature = { r: word('r'), vs: word('vs') }
  const hash = word('hash')
  const observer = recoverObserver(headerDigest({ chainId, number, hash }), signature)
  return known.has(observer) ? { observer, hash, signature } : 'STRANGER'
}
