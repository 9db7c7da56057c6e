/**
 * Where an epoch's seed comes from, as the poster sees it: the Principal's own Core, or drand.
 */
import type { Logger, Observers } from '@enigma/process'
import type { Beacon, Seed } from './beacon.ts'
import type { Header } from './header.ts'

export type SeedSource = {
  /** The seed of `epoch`, whose boundary block has `header`. Undefined: there is none yet, ask again. */
  draw(epoch: number, header: Header): Promise<Seed | undefined>
  /** What `postSeed` takes. */
  proofOf(signature: Uint8Array, header: Header): Uint8Array
}

type Parts = { beacon: Pick<Beacon, 'seed'>; observers: Pick<Observers, 'observe'>; log: Logger }

/** The Principal's Core, which signs for no block but one that observers vouch for. */
export function createObservedSource({ beacon, observers, log }: Parts): SeedSource {
  let unobservedEpoch = -1
  return {
    async draw(epoch, { number, hash, rlp }) {
      const { kind, signatures } = await observers.observe({ number, hash })
      if (kind === 'observed') return beacon.seed(epoch, { header: rlp, signatures: [...signatures] })
      if (kind !== 'tooYoung' && unobservedEpoch !== epoch) {
        unobservedEpoch = epoch
        log.warn('boundary-not-observed', { epoch, block: number, blockHash: hash, reason: kind })
      }
      return undefined
    },
    proofOf: (signature) => signature,
  }
}
