/** What holds at one head, as far as the network secret is concerned: the chain's words and what Core says it holds. */
import type { Block } from '@enigma/process'
import type { Address, Hex, RegistryState } from '@enigma/protocol'
import type { CoreHost, WorkerCore } from './core-host.ts'
import type { Committed, KeyRegistry } from './key-registry.ts'
import { NEVER, type SeatKeeper } from './seat-keeper.ts'

export type Wanted = { generation: number; committed: Committed | undefined }
export type Look = {
  head: Block
  epoch: number
  state: RegistryState
  /** From the first generation in force to the open one. */
  wanted: readonly Wanted[]
  seat: number
  /** Takes part in this epoch; `isWaiting`: will do so once it was granted the secrets. */
  isLive: boolean
  isWaiting: boolean
  core: WorkerCore
  signer: Address
  /** The last generation that this Core's signer made or was given, as the chain has it. */
  heldBy: number
  /** Commitments that Core holds; those included that the chain may not take. */
  held: ReadonlySet<Hex>
}
type Parts = {
  registry: Pick<KeyRegistry, 'at'>
  coreHost: Pick<CoreHost, 'core'>
  seats: Pick<SeatKeeper, 'held' | 'epochAt'>
}

/** Undefined without a seat, and before Core has an identity. */
export async function lookAt(head: Block, { registry, coreHost, seats }: Parts): Promise<Look | undefined> {
  const seat = seats.held()
  const epoch = seats.epochAt(head.number)
  if (!seat || seat.exitEpoch <= epoch) return undefined
  const chain = registry.at(head.number)
  const core = await coreHost.core()
  const [state, { signer, commitments }] = await Promise.all([chain.state(), core.info()])
  if (signer === null) return undefined
  const first = Math.max(1, state.minGeneration)
  const numbers = Array.from({ length: Math.max(0, state.openGeneration - first + 1) }, (_, i) => first + i)
  const [found, [heldBy = 0]] = await Promise.all([chain.generations(numbers), chain.heldBy([signer])])
  return {
    head,
    epoch,
    state,
    wanted: numbers.map((generation, i) => ({ generation, committed: found[i] })),
    seat: seat.id,
    isLive: seat.activeEpoch <= epoch,
    isWaiting: seat.activeEpoch === NEVER,
    core,
    signer,
    heldBy,
    held: new Set(commitments),
  }
}

/** Generations with a commitment that Core lacks: in force, or open. */
export function missingOf({ wanted, held }: Pick<Look, 'wanted' | 'held'>): number[] {
  return wanted
    .filter(({ committed }) => committed && !held.has(committed.commitment))
    .map(({ generation }) => generation)
}

/** Whether Core holds all that are in force: without them nothing can be handed on, and no secret made. */
export function holdsFinal(look: Look): boolean {
  return missingOf(look).every((generation) => generation > look.state.generation)
}

/** Whether the freeze is meant for this worker: it keeps out whoever never held a generation. */
export function isFrozenOut({ state, heldBy }: Pick<Look, 'state' | 'heldBy'>): boolean {
  return state.isFrozen && state.generation > 0 && heldBy === 0
}
