/**
 * Seeds from drand: which round is an epoch's, where it is asked for, and whether it is the one that the contract takes.
 *
 * Whoever answers is not believed: a round proves itself under the key that the beacon contract names. So the first answer
 * that proves the seed is enough, from any endpoint or mirror.
 */
import { askObserver, type Clock, type Logger } from '@enigma/process'
import { drandProof, drandSeed, type Hex, parseDrandRound, roundAt } from '@enigma/protocol'
import type { Seed } from '../beacon.ts'
import type { Chain } from '../chain.ts'
import type { Header } from '../header.ts'
import type { SeedSource } from '../source.ts'

type Parts = {
  chain: Pick<Chain, 'drandBeacon'>
  urls: readonly string[]
  /** The name of drand's network in its paths. */
  chainHash: Hex
  fetch: typeof globalThis.fetch
  signal: AbortSignal
  clock: Clock
  log: Logger
}

const MOST_WAIT_MS = 5_000

export function createDrandSource({ chain, urls, chainHash, fetch, signal, clock, log }: Parts): SeedSource {
  let warnedEpoch = -1

  async function ask(url: string, round: number, judge: (signature: Uint8Array) => Seed) {
    const path = `${chainHash.slice(2)}/public/${round}`
    const parse = (answer: Record<string, unknown>) => judge(parseDrandRound(answer, round))
    const over = AbortSignal.any([signal, AbortSignal.timeout(MOST_WAIT_MS)])
    return askObserver<Seed>({ url, path, parse }, { fetch, signal: over })
  }

  return {
    async draw(epoch, { hash: anchor, rlp, timestamp }) {
      const beacon = await chain.drandBeacon()
      const round = roundAt(Number(timestamp), beacon)
      const publishedMs = (beacon.genesisTime + (round - 1) * beacon.periodSeconds) * 1_000
      if (clock.nowMs() < publishedMs) return undefined
      const judge = (signature: Uint8Array): Seed => ({
        signature,
        seed: drandSeed(beacon, { epoch, anchor, proof: drandProof(signature, rlp) }),
      })
      const faults: string[] = []
      for (const url of urls) {
        const answer = await ask(url, round, judge)
        if (typeof answer === 'object') return answer
        faults.push(answer)
      }
      const reason = faults.find((fault) => fault === 'NONSENSE') ?? faults[0]
      if (warnedEpoch !== epoch) log.warn('round-not-there', { epoch, reason })
      warnedEpoch = epoch
      return undefined
    },
    proofOf: (signature: Uint8Array, { rlp }: Header) => drandProof(signature, rlp),
  }
}
