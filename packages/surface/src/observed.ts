/**
 * What makes Core believe a block: its header, and the signatures of `threshold` observers over the header's hash.
 *
 * Asked for once a block, whatever number of tasks it carries. Observers sign a block when it is `depth` deep; where fewer
 * than needed answer, tasks wait until they are back or their windows are over.
 */
import type { Clock, Logger, Observers } from '@enigma/process'
import { type CompactSignature, EnigmaError, type Hex } from '@enigma/protocol'
import { createHoldOff } from './hold-off.ts'
import type { Anchor, StateSource } from './state.ts'
import { createTroubles } from './trouble.ts'

export type Observed = { header: Uint8Array; signatures: CompactSignature[] }
export type Observations = ReturnType<typeof createObservations>

type Parts = {
  observers: Pick<Observers, 'observe'>
  node: Pick<StateSource, 'header'>
  clock: Clock
  log: Logger
}

/** Blocks whose signatures are at hand for the tasks that come later. */
const BLOCKS_AT_HAND = 64
/** An observer's node may be a moment behind ours; observers that are away are not asked at every look. */
const FIRST_RETRY_MS = 50
const LAST_RETRY_MS = 3_000

export function createObservations({ observers, node, clock, log }: Parts) {
  const known = new Map<Hex, Observed>()
  const asking = new Map<Hex, Promise<Observed>>()
  const holdOff = createHoldOff(clock, { firstMs: FIRST_RETRY_MS, mostMs: LAST_RETRY_MS })
  const troubles = createTroubles(log, { begins: 'headers-not-observed', ends: 'headers-observed-again' })

  async function ask(anchor: Anchor): Promise<Observed> {
    const [header, { kind, signatures }] = await Promise.all([node.header(anchor), observers.observe(anchor)])
    if (kind !== 'observed') {
      const error = new NotObservedError(kind, anchor.number)
      // A block that is young is no trouble.
      if (kind !== 'tooYoung') troubles.note({ code: error.code, hint: HINTS[kind] })
      throw error
    }
    troubles.clear()
    const observed = { header, signatures: [...signatures] }
    known.set(anchor.hash, observed)
    const [oldest] = known.keys()
    if (known.size > BLOCKS_AT_HAND && oldest) known.delete(oldest)
    return observed
  }

  return {
    /** Throws a `NotObservedError` while there are too few signatures, and what the node throws. */
    async of(anchor: Anchor): Promise<Observed> {
      const found = known.get(anchor.hash) ?? asking.get(anchor.hash)
      if (found) return found
      const answer = holdOff(anchor.hash, () => ask(anchor)).finally(() => asking.delete(anchor.hash))
      asking.set(anchor.hash, answer)
      return answer
    },
    /** Whether it was asked for in vain a moment ago, so that there is no answer yet. */
    isHeld: ({ hash }: Anchor): boolean => !known.has(hash) && holdOff.isHeld(hash),
    /** What Core refused may be mended by asking anew. */
    forget: (anchor: Anchor) => void known.delete(anchor.hash),
    trouble: troubles.latest,
  }
}

const CODES = { tooYoung: 'HEADER_TOO_YOUNG', silent: 'OBSERVERS_MISSING', otherBranch: 'OTHER_BRANCH' } as const
const WORDS = {
  tooYoung: 'is not deep enough yet for observers to sign it',
  silent: 'is signed by fewer observers than this network needs',
  otherBranch: 'has another hash, say the observers',
} as const
const HINTS = {
  tooYoung: 'Nothing to do: the task waits.',
  silent: 'Compare --observer-urls with the network’s observers; its tasks wait until enough of them answer.',
  otherBranch: 'Nothing to do in a reorganisation. If it stays: the node behind --rpc-url follows another branch.',
} as const

/** Thrown while Core would not believe the block. */
export class NotObservedError extends EnigmaError {
  override readonly name = 'Observed.NotObservedError'
  readonly code: (typeof CODES)[keyof typeof CODES]
  constructor(kind: keyof typeof CODES, number: bigint) {
    super(`Block ${number} ${WORDS[kind]}.`, { hint: HINTS[kind] })
    this.code = CODES[kind]
  }
}
