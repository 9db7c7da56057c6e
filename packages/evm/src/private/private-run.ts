/**
 * How is a private function run on proven state? As a static call into the dApp, under Osaka rules, in nobody's transaction.
 *
 * Core signs what comes out here, and whoever simulates must see the same: so both run this. The machine is given a fact only
 * when the code asks for it. What was proven ahead, and in which order, can change no result.
 */
import { type Address, EnigmaError } from '@enigma/protocol'
import type { Machine } from '../machine.ts'
import { precompileAt } from '../precompiles/index.ts'
import type { Step } from '../step.ts'
import type { Outcome as MachineOutcome, Miss } from '../types.ts'
import { blobBaseFee } from './blob-fee.ts'
import { CAPS, type Caps } from './caps.ts'
import { blockHashSlot } from './history.ts'
import { type Outcome, outcomeOf } from './outcome.ts'
import { isPrivateCall } from './private-call.ts'
import type { ProvenView } from './proven-view.ts'
import type { PendingCall, PrivateSteps, Proven, Steps, StorageSlot, Wanted } from './steps.ts'

/** `requester` is caller and origin; value and gas price are 0. */
export type PrivateTask = { chainId: bigint; dApp: Address; requester: Address; view: ProvenView }

/** A frame began or ended, or something was read. */
export type Traced = Extract<Step, { kind: 'entered' | 'left' | 'read' }>

export type PrivateRunOptions = { caps?: Caps; onTrace?: (step: Traced) => void }

const FORK = 'osaka'
const NOTHING = new Uint8Array(0)

/** Whether a run waits for the answer to a private call. */
export function isPending(step: Wanted | 'turn' | PendingCall): step is PendingCall {
  return typeof step === 'object' && 'asked' in step
}

/** The calls of one task. What they use is counted together. */
export class PrivateRun {
  readonly caps: Caps
  readonly #task: PrivateTask
  readonly #machine: Machine
  readonly #onTrace: ((step: Traced) => void) | undefined
  readonly #reads = new Set<string>()
  readonly #accounts = new Set<Address>()

  /** The machine is this run's alone until all its calls have ended. */
  constructor(machine: Machine, task: PrivateTask, { caps = CAPS, onTrace }: PrivateRunOptions = {}) {
    const { chainId, dApp, requester, view } = task
    const { header } = view
    this.caps = caps
    this.#task = task
    this.#machine = machine
    this.#onTrace = onTrace
    machine.open({
      environment: {
        fork: FORK,
        chainId,
        block: { ...header, blobBaseFee: blobBaseFee(header.excessBlobGas ?? 0n) },
        origin: requester,
        gasPriceWei: 0n,
        blobHashes: [],
      },
      limits: caps,
      ownCodeOnly: dApp,
      precompiles: (address) => precompileAt(address, FORK),
      isAsked: isPrivateCall,
      isTraced: onTrace !== undefined,
    })
  }

  /** Runs `data` with `gas`, from the beginning to its end. Nobody answers private calls: it is as on chain. */
  *call(data: Uint8Array, gas: bigint): Steps<Outcome> {
    const steps = this.callInPrivate(data, gas)
    for (;;) {
      const { value, done } = steps.next()
      if (done) return value
      if (isPending(value)) value.ending = { kind: 'returned', output: NOTHING, gasLeft: value.asked.gas }
      else yield value
    }
  }

  /** Likewise, and yields each private call, which must have its ending when the run goes on. */
  *callInPrivate(data: Uint8Array, gas: bigint): PrivateSteps<Outcome> {
    const { dApp: to, requester: caller } = this.#task
    const message = { kind: 'call', caller, to, valueWei: 0n, data, gas, isStatic: true } as const
    // Without an access list: what every transaction finds warm, the machine keeps warm by itself.
    this.#machine.start(message)
    const outcome = yield* this.#advance()
    this.#onTrace?.({ kind: 'left', depth: 0, outcome })
    return outcomeOf(outcome)
  }

  /** Counts these slots and their accounts as read, and yields until all are known. False if they are too many. */
  *prefetch(slots: readonly StorageSlot[]): Proven<boolean> {
    if (!slots.every((slot) => this.#counts(slot) && this.#countsAccount(slot.address))) return false
    const { view } = this.#task
    yield* view.slots(slots)
    // With their code: a host who keeps it back would learn whether the function calls them.
    for (const address of new Set(slots.map((slot) => slot.address))) {
      const account = yield* view.account(address)
      if (account) yield* view.code(address, account.codeHash)
    }
    return true
  }

  *#advance(): PrivateSteps<MachineOutcome> {
    for (;;) {
      const step = this.#machine.step()
      switch (step.kind) {
        case 'ended':
          return step.outcome
        case 'missing': {
          const halt = yield* this.#supply(step.miss)
          if (halt) return { kind: 'halted', halt }
          break
        }
        case 'turn':
          yield 'turn'
          break
        case 'asked': {
          const pending: PendingCall = { asked: step }
          yield pending
          if (!pending.ending) throw new UnansweredCallError()
          this.#machine.answer(pending.ending)
          break
        }
        default:
          this.#onTrace?.(step)
      }
    }
  }

  /** Says so if the code reads more than it may, with what was prefetched. */
  *#supply(miss: Miss): Proven<'reads' | 'accounts' | undefined> {
    const { view } = this.#task
    switch (miss.kind) {
      case 'account':
        if (!this.#countsAccount(miss.address)) return 'accounts'
        this.#machine.putAccount(miss.address, yield* view.account(miss.address))
        return
      case 'code':
        this.#machine.putCode(miss.codeHash, yield* view.code(miss.address, miss.codeHash))
        return
      case 'slot':
        if (!this.#counts(miss)) return 'reads'
        this.#machine.putSlot(miss.address, miss.slot, yield* view.slot(miss))
        return
      case 'blockHash':
        if (!this.#counts(blockHashSlot(miss.number))) return 'reads'
        this.#machine.putBlockHash(miss.number, yield* view.blockHash(miss.number))
        return
    }
  }

  /** The machine asks for each slot once: the first read of it is the one that counts. */
  #counts({ address, slot }: StorageSlot): boolean {
    this.#reads.add(`${address}${slot}`)
    return this.#reads.size <= this.caps.reads
  }

  /** Likewise. Whoever proves a slot must prove its account, and bring that account's code. */
  #countsAccount(address: Address): boolean {
    this.#accounts.add(address)
    return this.#accounts.size <= this.caps.accounts
  }
}

/** A defect of whoever drives the run. */
class UnansweredCallError extends EnigmaError {
  override readonly name = 'Private.UnansweredCallError'
  readonly code = 'UNANSWERED_CALL'
  constructor() {
    super('A private call was left without an answer.')
  }
}
