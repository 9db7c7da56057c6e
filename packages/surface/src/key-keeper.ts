/**
 * One worker's part in the network secret: makes it where it is wanted, asks for what its Core lacks, hands it on to others,
 * and publishes the keys of dApps.
 *
 * Everything follows from the chain's state and from what Core says it holds; events only tell whom to look at. So a crash, a
 * reorganisation or a lost transaction costs a repetition and nothing else.
 */
import { wordsOfAccept, wordsOfGeneration, wordsOfGrant } from '@enigma/core/calls'
import type { Block, Logger, Observers } from '@enigma/process'
import { type Hex, hexToBytes, type RegistryState } from '@enigma/protocol'
import type { Chain, SeatFacts } from './chain.ts'
import type { CoreHost, WorkerCore } from './core-host.ts'
import { type CollateralSource, evidenceOf } from './joiner-evidence.ts'
import type { Dues } from './key-dues.ts'
import { type Committed, type KeyRegistry, registryCalls } from './key-registry.ts'
import { createRequests } from './key-requests.ts'
import type { EthereumNode } from './node.ts'
import type { Observations } from './observed.ts'
import type { SeatKeeper } from './seat-keeper.ts'
import type { Anchor, StateSource } from './state.ts'
import type { Trouble } from './trouble.ts'
import { proveWords } from './word-proofs.ts'

export type KeyStatus = {
  /** The last final generation of the network; 0 before the first. */
  generation: number
  /** In force or open, and not held by Core: tasks that need one of these are left to other workers. */
  missing: number[]
  trouble: Trouble | null
}
export type KeyKeeper = ReturnType<typeof createKeyKeeper>

type Parts = {
  registry: KeyRegistry
  chain: Pick<Chain, 'enigma' | 'seatCount' | 'seats'>
  node: Pick<EthereumNode, 'block'>
  state: Pick<StateSource, 'header' | 'state'>
  observations: Pick<Observations, 'of'>
  observers: Pick<Observers, 'head'>
  collateral: CollateralSource
  /** The contract's, in JSON. */
  policy: string
  coreHost: Pick<CoreHost, 'core' | 'keep'>
  seats: Pick<SeatKeeper, 'held' | 'epochAt'>
  dues: Dues
  depth: number
  signal: AbortSignal
  log: Logger
}
/** What holds at one head. */
type Look = {
  head: Block
  state: RegistryState
  /** From the first generation in force to the open one. */
  wanted: { generation: number; committed: Committed | undefined }[]
  seat: number
  isLive: boolean
  seatCount: number
  core: WorkerCore
  /** Commitments that Core holds. */
  held: ReadonlySet<Hex>
}
type Commitment = Awaited<ReturnType<WorkerCore['commit']>>

/** Epochs after which a commitment that found no second holder may be replaced. */
const REPLACEABLE_EPOCHS = 2
/** Blocks in which a join should have been served: then the key may be lost, or the donors are away. */
const JOIN_BLOCKS = 48n

export function createKeyKeeper(parts: Parts) {
  const { registry, chain, coreHost, dues, log } = parts
  const requests = createRequests(registry)
  let joining: { joinKey: Hex; core: WorkerCore; since: bigint } | undefined
  let made: { generation: number; committed: Commitment } | undefined
  let status: KeyStatus | undefined

  /** Words proven below an observed block, as deep as observers sign. */
  async function shown(head: Block, wordsOf: ReturnType<typeof wordsOfGeneration>) {
    const anchor = await observedBlock(head)
    const [{ header, signatures }, proof] = await Promise.all([
      parts.observations.of(anchor),
      proveWords(parts.state, wordsOf, anchor),
    ])
    return { header, signatures, proof }
  }

  async function observedBlock(head: Block): Promise<Anchor> {
    const number = head.number - BigInt(parts.depth)
    const block = parts.depth === 0 ? head : await parts.node.block(number < 0n ? 0n : number)
    return block ?? head
  }

  /** How many workers come before this one, for a thing that belongs to nobody. */
  const turn = ({ seat, seatCount }: Look, first: number) => (seat - first + seatCount) % seatCount

  async function commit(look: Look, generation: number): Promise<void> {
    const { head, seat, core } = look
    await dues.run('commit', String(generation), { head, position: turn(look, 0) }, async () => {
      if (made?.generation !== generation || !look.held.has(made.committed.commitment)) {
        const committed = await core.commit({ seat, generation })
        coreHost.keep(committed.sealed)
        made = { generation, committed }
      }
      return registryCalls.commitGeneration(seat, generation, made.committed)
    })
  }

  async function join(look: Look): Promise<void> {
    const { head, seat, core } = look
    const grant = joining && requests.grantOf(seat, joining.joinKey)
    if (joining?.core === core && grant) return accept(look, grant)
    if (joining?.core === core && head.number < joining.since + JOIN_BLOCKS) return
    await dues.run('join', String(seat), { head }, async () => {
      const { joinKey, ...signature } = await core.join({ seat })
      joining = { joinKey, core, since: head.number }
      return registryCalls.requestJoin(seat, joinKey, signature)
    })
  }

  async function accept(look: Look, grant: NonNullable<ReturnType<typeof requests.grantOf>>): Promise<void> {
    const { head, seat, state, core } = look
    const { donorSeat, generation, ciphertext, block } = grant
    // Core wants to see that the grant is on chain.
    if (head.number - BigInt(parts.depth) < block) return
    await dues.run('accept', grant.joinKey, { head }, async () => {
      const { signer } = await core.info()
      if (signer === null) return
      const chainShown = await shown(head, wordsOfAccept(chain.enigma, { state, generation, signer }))
      try {
        const parameters = { seat, donorSeat, generation, ciphertext: hexToBytes(ciphertext), ...chainShown }
        const { sealed, generations } = await core.accept(parameters)
        coreHost.keep(sealed)
        log.info('secret-received', { count: generations.length, seat: donorSeat })
      } finally {
        // A join key serves once, whatever became of it.
        joining = undefined
      }
    })
  }

  async function confirm(look: Look, generation: number, { commitment, seat: maker }: Committed): Promise<void> {
    const { head, seat, core } = look
    if (maker === seat || !look.held.has(commitment)) return
    await dues.run('confirm', commitment, { head, position: turn(look, maker + 1) }, async () => {
      const chainShown = await shown(head, wordsOfGeneration(chain.enigma, generation))
      return registryCalls.confirmHolder(seat, generation, await core.hold({ generation, ...chainShown }))
    })
  }

  async function donate(look: Look, joiner: { seat: number; joinKey: Hex; r: Hex; vs: Hex }): Promise<void> {
    const { head, seat: donorSeat, core, state } = look
    const { seat, joinKey, r, vs } = joiner
    const at = { head, position: turn(look, seat + 1) }
    await dues.run('grant', joinKey, at, async () => {
      const [facts] = await chain.seats([seat])
      const { signer, measurementId, ...blocks } = facts as SeatFacts
      const evidence = await evidenceOf(seat, blocks, parts)
      const { nonce } = await core.nonce()
      const fresh = await parts.observers.head(nonce, { signal: parts.signal })
      if (!fresh) return
      const words = wordsOfGrant(chain.enigma, { state, seat, donorSeat, signer, measurementId })
      const [header, proof] = await Promise.all([parts.state.header(fresh), proveWords(parts.state, words, fresh)])
      const granted = await core.grant({
        seat,
        donorSeat,
        joinKey,
        joinSignature: { r, vs },
        ...evidence,
        policy: parts.policy,
        header,
        signatures: [...fresh.signatures],
        proof,
      })
      const ciphertext: Hex = `0x${Buffer.from(granted.ciphertext).toString('hex')}`
      return registryCalls.grantKey({ seat, donorSeat, joinKey }, { ...granted, ciphertext })
    })
  }

  async function publish(look: Look): Promise<void> {
    const { head, core } = look
    for (const key of await requests.unpublished()) {
      const position = turn(look, Number(BigInt(key.codeHash) % BigInt(look.seatCount)))
      await dues.run('publish', `${key.dApp}${key.codeHash}${key.generation}`, { head, position }, async () => {
        const chainShown = await shown(head, wordsOfGeneration(chain.enigma, key.generation))
        return registryCalls.publishKey(key, await core.contractKey({ ...key, ...chainShown }))
      })
    }
  }

  async function look(head: Block): Promise<Look | undefined> {
    const seat = parts.seats.held()
    const epoch = parts.seats.epochAt(head.number)
    if (!seat || seat.exitEpoch <= epoch) return
    const [state, seatCount] = await Promise.all([registry.state(), chain.seatCount(), requests.look(head)])
    const first = Math.max(1, state.minGeneration)
    const numbers = Array.from({ length: Math.max(0, state.openGeneration - first + 1) }, (_, i) => first + i)
    const [found, core] = await Promise.all([registry.generations(numbers), coreHost.core()])
    const wanted = numbers.map((generation, i) => ({ generation, committed: found[i] }))
    const { commitments } = await core.info()
    const isLive = seat.activeEpoch <= epoch
    return { head, state, wanted, seat: seat.id, isLive, seatCount, core, held: new Set(commitments) }
  }

  async function decide(now: Look): Promise<void> {
    const { state, wanted, held, head, seat } = now
    const missing = wanted.filter(({ committed }) => committed && !held.has(committed.commitment))
    status = {
      generation: state.generation,
      missing: missing.map(({ generation }) => generation),
      trouble: dues.trouble() ?? null,
    }
    const open = state.openGeneration > state.generation ? wanted.at(-1) : undefined
    const holdsFinal = missing.every(({ generation }) => generation > state.generation)
    if (open) {
      const { generation, committed } = open
      const isStale = committed && committed.epoch + REPLACEABLE_EPOCHS <= parts.seats.epochAt(head.number)
      const isFree = !committed || (isStale && committed.seat !== seat)
      if (now.isLive && holdsFinal && isFree) await commit(now, generation)
      if (committed) await confirm(now, generation, committed)
    }
    if (missing.length > 0) await join(now)
    const last = wanted.findLast(({ committed }) => committed && held.has(committed.commitment))
    // Whoever holds none of them, or not all that are final, has nothing to hand on.
    if (!now.isLive || !holdsFinal || !last) return
    for (const joiner of await requests.waiting(seat)) await donate(now, joiner)
    if (state.generation > 0) await publish(now)
  }

  return {
    /** Does what is due now; to be called at each new head, one call at a time. */
    async tick(head: Block): Promise<void> {
      const now = await look(head)
      if (!now) return
      await decide(now)
      dues.sweep()
    },
    /** Undefined before the first look, and without a seat. */
    status: (): KeyStatus | undefined => status,
  }
}
