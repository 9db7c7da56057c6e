/**
 * One worker's part in the network secret: makes it where it is wanted, asks for what its Core lacks, hands it on to others,
 * and publishes the keys of dApps.
 *
 * Everything follows from the chain's state and from what Core says it holds; events only tell whom to look at. So a crash, a
 * reorganisation or a lost transaction costs a repetition and nothing else.
 */
import { type Block, codeOf, isLagging, isOutage, type Logger, type Observers, type Values } from '@enigma/process'
import type { Chain } from './chain.ts'
import type { CoreHost } from './core-host.ts'
import type { CollateralSource } from './joiner-evidence.ts'
import { createKeyDonor } from './key-donor.ts'
import type { Dues } from './key-dues.ts'
import { createKeyJoiner } from './key-joiner.ts'
import { type Look, lookAt, missingOf } from './key-look.ts'
import { createKeyMaker } from './key-maker.ts'
import type { DonorPolicy } from './key-policy.ts'
import type { KeyProofs } from './key-proofs.ts'
import { createKeyPublisher } from './key-publisher.ts'
import type { KeyRegistry } from './key-registry.ts'
import { createRequests } from './key-requests.ts'
import { createTurns } from './key-turns.ts'
import type { EthereumNode } from './node.ts'
import type { SeatKeeper } from './seat-keeper.ts'
import type { Trouble } from './trouble.ts'

export type KeyStatus = {
  /** The head that this is of. */
  block: string
  /** The last final generation of the network; 0 before the first. */
  generation: number
  /** In force, or open with a commitment: what Core holds of them, and what it does not. */
  held: number[]
  /** Tasks that need one of these are left to other workers. */
  missing: number[]
  trouble: Trouble | null
}
/** The generations that have a commitment, as far as the last look told. */
export const committedOf = (status: KeyStatus | undefined): number[] =>
  status ? [...status.held, ...status.missing].sort((a, b) => a - b) : []

export type KeyKeeper = ReturnType<typeof createKeyKeeper>

export type KeyKeeperParts = {
  registry: KeyRegistry
  chain: Pick<Chain, 'enigma' | 'seatCount' | 'seats'>
  node: Pick<EthereumNode, 'block'>
  observers: Pick<Observers, 'head'>
  proofs: KeyProofs
  collateral: CollateralSource
  policy: DonorPolicy
  coreHost: Pick<CoreHost, 'core' | 'keep'>
  seats: Pick<SeatKeeper, 'held' | 'epochAt'>
  values: Values
  dues: Dues
  signal: AbortSignal
  /** Core was given secrets. */
  onReceived: () => void
  log: Logger
}

export function createKeyKeeper(parts: KeyKeeperParts) {
  const { registry, dues, log } = parts
  const requests = createRequests(registry)
  let isReceived = false
  const onReceived = () => {
    isReceived = true
    parts.onReceived()
  }
  const shared = { ...parts, onReceived, enigma: parts.chain.enigma, requests, turns: createTurns(parts.chain) }
  const make = createKeyMaker(shared)
  const joiner = createKeyJoiner(shared)
  const donate = createKeyDonor(shared)
  const publish = createKeyPublisher(shared)
  let status: KeyStatus | undefined
  let failure: string | undefined

  async function act(look: Look): Promise<void> {
    await make(look, joiner.isLeftAlone())
    await joiner.tick(look)
    await donate(look)
    await publish(look)
  }

  async function tick(head: Block): Promise<void> {
    const look = await lookAt(head, parts)
    if (!look) {
      status = undefined
      return
    }
    await requests.look(head)
    isReceived = false
    await act(look)
    const seen = (isReceived && (await lookAt(head, parts))) || look
    // What was received is confirmed at once: nothing of it waits for a further block.
    if (seen !== look) await make(seen, joiner.isLeftAlone())
    dues.sweep()
    const missing = missingOf(seen)
    const committed = seen.wanted.filter((one) => one.committed).map(({ generation }) => generation)
    const held = committed.filter((generation) => !missing.includes(generation))
    const { generation } = seen.state
    status = { block: String(head.number), generation, held, missing, trouble: dues.trouble() ?? null }
  }

  return {
    /** Does what is due now; to be called at each new head, one call at a time. Never throws: the next head is another try. */
    async tick(head: Block): Promise<void> {
      try {
        await tick(head)
        failure = undefined
      } catch (error) {
        // A node that is away is told of elsewhere.
        if (parts.signal.aborted || isOutage(error) || isLagging(error) || failure === codeOf(error)) return
        failure = codeOf(error)
        log.warn('key-look-failed', { code: failure })
      }
    },
    /** Undefined before the first look, and without a seat. */
    status: (): KeyStatus | undefined => status,
  }
}
