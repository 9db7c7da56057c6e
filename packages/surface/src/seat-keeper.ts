/**
 * One worker's seat: takes it, renews it before its time is up, leaves it when asked to.
 *
 * What is known of the seat comes from the chain's own events, so that a reorganisation takes it back; what is under way is
 * a transaction whose topic carries its number, so that a crash repeats nothing. A seat is never taken twice for one signer:
 * before each attempt the chain is searched for one that we hold already.
 */
import { type Block, backoffMs, type Clock, type Logger, type Sender, type Values } from '@enigma/process'
import type { Address, Hex } from '@enigma/protocol'
import { createAdmissions } from './admission.ts'
import { type Chain, calls, type EnigmaEvent, type NetworkFacts } from './chain.ts'
import type { CoreHost } from './core-host.ts'
import { createSeatTroubles, type SeatTrouble } from './seat-trouble.ts'

/**
 * `exitEpoch` is the first epoch without us. `block` is where the chain told of it; `earlier` what it had told before; `movedFrom` the
 * place that it was moved from last, as it was there.
 */
export type HeldSeat = { id: number; earlier?: readonly Told[]; movedFrom?: HeldSeat } & Told
type Told = { activeEpoch: number; exitEpoch: number; block: string; ended?: SeatEnd | undefined }
/** A seat that waits for its first grant of the network secret is active from here on. */
export const NEVER = 2 ** 20 - 1
/**
 * Somebody had the platform judged again: refused ends a seat in the epoch after next. Revoked, or its code was: at once; and so is
 * one whose Core signed two results of a task.
 */
export type SeatEnd = 'refused' | 'revoked' | 'slashed'
export type SeatState =
  | 'none'
  | 'waiting-for-funds'
  | 'taking'
  | 'waiting'
  | 'waiting-for-grant'
  | 'live'
  | 'leaving'
  | 'left'
  | 'ending'
  | 'ended'
export type SeatKeeper = ReturnType<typeof createSeatKeeper>

type Parts = {
  values: Values
  chain: Chain
  facts: NetworkFacts
  coreHost: CoreHost
  sender: Sender
  signer: () => Address | undefined
  setSigner: (signer: Address) => void
  /** Of Core's code. */
  measurement: Hex
  clock: Clock
  log: Logger
}
/** The latest transaction about the seat; `isTold` once the chain's event of it has been read, in the block `toldIn`. */
type Latest = { action: 'take' | 'renew' | 'leave'; topic: string; isTold: boolean; toldIn?: string }

/** Seats looked at when searching for our own, or for a free one. */
const MOST_SEATS_SEARCHED = 1_024
/** Gas that an estimate may turn out short of, because state moves on between estimate and block. */
const GAS_MARGIN = (estimate: bigint) => (estimate * 13n) / 10n + 20_000n
const RENEW_REST_EPOCHS = 2
/** Renewals and leaves of one seat that a reorganisation could take back. */
const MOST_EARLIER = 8
/** Set aside beside the seat's price for the first transactions. */
const RESERVE_GAS = 3_000_000n

export function createSeatKeeper(parts: Parts) {
  const { values, chain, facts, sender, clock, log } = parts
  const operator = sender.address
  const admissions = createAdmissions({ ...parts, operator })
  const troubles = createSeatTroubles(log)
  let isShortOfFunds = false
  let failures = 0
  let retryAtMs = 0

  const held = () => values.get<HeldSeat>('seat')
  const latest = () => values.get<Latest>('seat-latest')
  const wantsToLeave = () => values.get<boolean>('seat-leave') === true
  const epochAt = (block: bigint) => Number((block - facts.genesisBlock) / BigInt(facts.epochBlocks))
  /** A quarter of a term, and never so late that a few bad epochs would cost the seat: a renewal needs exit ≥ current + 2. */
  const renewAhead = Math.max(4, Math.ceil(facts.lifeEpochs / 4) + 2)

  function nextTopic(action: Latest['action']): string {
    const number = (values.get<number>('seat-number') ?? 0) + 1
    values.set('seat-number', number)
    return `${action}:${number}`
  }

  async function send(action: Latest['action'], data: Hex, valueWei: bigint, head: Block): Promise<void> {
    const gas = GAS_MARGIN(await chain.estimateGas(operator, data, valueWei))
    const topic = nextTopic(action)
    const intent = { topic, to: chain.enigma, data, valueWei, gas }
    await sender.submit(intent, head, () =>
      values.set('seat-latest', { action, topic, isTold: false } satisfies Latest),
    )
    log.info('seat-transaction-sent', { action, gas })
  }

  async function canPay(head: Block): Promise<boolean> {
    const neededGwei = (await chain.seatPriceGwei()) + (RESERVE_GAS * 2n * head.baseFeeWei) / 1_000_000_000n
    const balanceGwei = await chain.balanceGwei(operator)
    const wasShort = isShortOfFunds
    isShortOfFunds = balanceGwei < neededGwei
    if (isShortOfFunds && !wasShort) log.warn('waiting-for-funds', { operator, balanceGwei, neededGwei })
    return !isShortOfFunds
  }

  /** A seat of our signer that we forgot, or one whose cool-down is over. */
  async function search(epoch: number) {
    const signer = parts.signer()
    const ids = Array.from({ length: Math.min(await chain.seatCount(), MOST_SEATS_SEARCHED) }, (_, id) => id)
    const [seats, revoked] = await Promise.all([chain.seats(ids), chain.revokedMeasurements()])
    const isRevoked = ({ measurementId }: { measurementId: number }) => ((revoked >>> measurementId) & 1) === 1
    const own = seats.findIndex(
      (seat) => seat.signer === signer && seat.operator === operator && seat.exitEpoch > epoch && !isRevoked(seat),
    )
    const free = seats.findIndex((seat) => seat.exitEpoch + facts.coolEpochs <= epoch)
    return {
      own: own < 0 ? undefined : { id: own, ...seats[own] },
      free: free < 0 ? undefined : { id: free, ...seats[free] },
    }
  }

  async function take(head: Block, epoch: number): Promise<void> {
    if (!(await canPay(head))) return
    const { own, free } = await search(epoch)
    if (own?.exitEpoch !== undefined && own.activeEpoch !== undefined) {
      const { id, activeEpoch, exitEpoch } = own
      // Block 0: an old story, which no reorganisation that we could see takes back.
      values.set('seat', { id, activeEpoch, exitEpoch, block: '0' } satisfies HeldSeat)
      log.info('seat-found', { seat: id, activeEpoch, exitEpoch })
      return
    }
    const admission = await admissions.get(head, { platformHash: free?.platformHash, isRenewal: false })
    await send('take', calls.takeSeat(free?.id, admission), (await chain.seatPriceGwei()) * 1_000_000_000n, head)
  }

  /** Whether something is still under way. */
  function isUnderWay(): boolean {
    const current = latest()
    if (!current || current.isTold) return false
    const transaction = sender.find(current.topic)
    // A mined one counts until its event has been read.
    if (transaction?.state === 'pending' || transaction?.state === 'mined') return true
    values.delete('seat-latest')
    log.warn('seat-transaction-failed', { action: current.action, state: transaction?.state ?? 'unknown' })
    return false
  }

  function tell(block: bigint): void {
    const current = latest()
    // Told of once; what comes after is somebody else's.
    if (current && !current.isTold)
      values.set('seat-latest', { ...current, isTold: true, toldIn: String(block) } satisfies Latest)
  }

  function amend(seat: HeldSeat, block: bigint, told: Partial<Told>): void {
    const { id, activeEpoch, exitEpoch } = seat
    const now = { activeEpoch, exitEpoch, ...told, block: String(block) }
    const { movedFrom } = seat
    values.set('seat', {
      ...{ id, ...now, earlier: toldOf(seat).slice(-MOST_EARLIER) },
      ...(movedFrom && { movedFrom }),
    } satisfies HeldSeat)
  }

  /** Anyone may move it down the list; what was drawn on the old place is served as before, for the signer is the same. */
  function move({ movedFrom: _, ...from }: HeldSeat, to: number, activeEpoch: number, block: bigint): void {
    const { exitEpoch, ended } = from
    const moved = { id: to, activeEpoch, exitEpoch, ended, block: String(block), movedFrom: from }
    values.set('seat', moved satisfies HeldSeat)
    // Clients look for the quote and the certificate in events of the seat: it has none of its own in the new place.
    values.set('seat-to-show', to)
    values.delete('seat-renewed-in')
    log.info('seat-moved', { seat: to, activeEpoch })
  }

  function end(seat: HeldSeat, block: bigint, exitEpoch: number, ended: SeatEnd): void {
    amend(seat, block, { exitEpoch, ended })
    // The next renewal is the last that may save it.
    values.delete('seat-renewed-in')
    log.warn('seat-ended', { seat: seat.id, exitEpoch, reason: ended })
  }

  /** The seat as the chain told of it up to `ancestor`; undefined if that is before it was taken. */
  function seatAsOf(ancestor: bigint, seat: HeldSeat): HeldSeat | undefined {
    const told = toldOf(seat).filter((one) => BigInt(one.block) <= ancestor)
    const last = told.at(-1)
    const { id, movedFrom } = seat
    if (!last) return movedFrom && seatAsOf(ancestor, movedFrom)
    return { id, ...last, earlier: told.slice(0, -1), ...(movedFrom && { movedFrom }) }
  }

  async function decide(head: Block): Promise<void> {
    if (isUnderWay()) return
    const epoch = epochAt(head.number)
    const seat = held()
    if (!seat || seat.exitEpoch <= epoch) {
      if (!wantsToLeave()) await take(head, epoch)
      return
    }
    if (wantsToLeave()) {
      if (seat.exitEpoch > epoch + 2) await send('leave', calls.leaveSeat(seat.id), 0n, head)
      return
    }
    const mayRenew = seat.exitEpoch >= epoch + 2
    // Collateral that expires soon may keep a renewal from extending anything: not in every epoch, then.
    const rested = epoch - (values.get<number>('seat-renewed-in') ?? -RENEW_REST_EPOCHS) >= RENEW_REST_EPOCHS
    const isUnseen = values.get<number>('seat-to-show') === seat.id
    if (mayRenew && rested && (isUnseen || seat.exitEpoch - epoch <= renewAhead)) {
      const [known] = await chain.seats([seat.id])
      const platformHash = isUnseen ? undefined : known?.platformHash
      const admission = await admissions.get(head, { platformHash, isRenewal: true })
      await send('renew', calls.renewSeat(seat.id, admission), 0n, head)
      values.set('seat-renewed-in', epoch)
    }
  }

  return {
    /** For the follower's database transaction. */
    observe(event: EnigmaEvent, block: bigint): void {
      const signer = parts.signer()
      if (event.name === 'SeatTaken' && event.signer === signer && event.operator === operator) {
        const { seat: id, activeEpoch, exitEpoch } = event
        values.set('seat', { id, activeEpoch, exitEpoch, block: String(block) } satisfies HeldSeat)
        tell(block)
        admissions.spend()
        log.info('seat-taken', { seat: id, activeEpoch, exitEpoch, signer })
      }
      const seat = held()
      if (event.name === 'MeasurementRevoked' && seat && event.measurement === parts.measurement) {
        end(seat, block, epochAt(block), 'revoked')
      }
      if (!seat || !('seat' in event) || seat.id !== event.seat) return
      // Its cool-down is over, and somebody else has it now.
      if (event.name === 'SeatTaken' && event.signer !== signer) values.delete('seat')
      // Its first grant: until then it waited for the network's secret.
      if (event.name === 'SeatActivated') amend(seat, block, { activeEpoch: event.activeEpoch, ended: seat.ended })
      if (event.name === 'SeatRelocated') move(seat, event.to, event.activeEpoch, block)
      if (event.name === 'SeatSlashed') end(seat, block, epochAt(block), 'slashed')
      if (event.name === 'SeatEnded') end(seat, block, event.exitEpoch, event.revoked ? 'revoked' : 'refused')
      if (event.name === 'SeatRenewed' || event.name === 'SeatLeft') {
        amend(seat, block, { exitEpoch: event.exitEpoch })
        tell(block)
        if (event.name === 'SeatLeft') values.set('seat-leave', true)
        else {
          admissions.spend()
          values.delete('seat-to-show')
        }
        log.info(event.name === 'SeatLeft' ? 'seat-left' : 'seat-renewed', {
          seat: seat.id,
          exitEpoch: event.exitEpoch,
        })
      }
    },
    /** For the follower's database transaction: what was told above `ancestor` must be found out anew. */
    rollback(ancestor: bigint): void {
      admissions.rollback(ancestor)
      const current = latest()
      // Its transaction waits again, and its event comes again.
      if (current?.toldIn !== undefined && BigInt(current.toldIn) > ancestor)
        values.set('seat-latest', { action: current.action, topic: current.topic, isTold: false } satisfies Latest)
      const seat = held()
      if (!seat || BigInt(seat.block) <= ancestor) return
      const before = seatAsOf(ancestor, seat)
      if (before) values.set('seat', before)
      else values.delete('seat')
    },
    /** Does what the seat needs now; to be called at each new head, one call at a time. */
    async tick(head: Block): Promise<void> {
      if (clock.nowMs() < retryAtMs) return
      try {
        await decide(head)
        failures = 0
        troubles.clear()
      } catch (error) {
        failures++
        retryAtMs = clock.nowMs() + backoffMs(failures, 1_000, 60_000)
        troubles.note(error)
      }
    },
    leave: () => values.set('seat-leave', true),
    /** At a start: a worker that had left comes back. */
    comeBack(head: Block): void {
      const seat = held()
      if (wantsToLeave() && (!seat || seat.exitEpoch <= epochAt(head.number))) values.delete('seat-leave')
    },
    held,
    /** What keeps the worker from taking or renewing its seat; undefined while nothing does. */
    trouble: (): SeatTrouble | undefined => troubles.latest(),
    state(head: Block): SeatState {
      const seat = held()
      const epoch = epochAt(head.number)
      if (seat && seat.exitEpoch > epoch) {
        if (wantsToLeave()) return 'leaving'
        if (seat.ended) return 'ending'
        if (seat.activeEpoch === NEVER) return 'waiting-for-grant'
        return seat.activeEpoch <= epoch ? 'live' : 'waiting'
      }
      if (wantsToLeave()) return 'left'
      if (latest()?.isTold === false) return 'taking'
      if (isShortOfFunds) return 'waiting-for-funds'
      return seat?.ended ? 'ended' : 'none'
    },
    epochAt,
  }
}

/** All that the chain has told of it, latest last. */
function toldOf({ activeEpoch, exitEpoch, block, ended, earlier = [] }: HeldSeat): Told[] {
  return [...earlier, { activeEpoch, exitEpoch, block, ended }]
}
