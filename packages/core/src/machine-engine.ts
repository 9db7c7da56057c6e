/**
 * Core's engine: the machine of @enigma/evm under Osaka rules.
 *
 * The machine runs until it lacks a fact and is given that one alone. So it never holds more than the code touched: what
 * the host proved ahead, and in which order, can change no result.
 */
import { type Halt as EvmHalt, type Outcome as EvmOutcome, Machine, type Miss, precompileAt } from '@enigma/evm'
import type { Address } from '@enigma/protocol'
import { blobBaseFee } from './blob-fee.ts'
import { blockHashSlot, type StorageSlot, type Wanted } from './chain-view.ts'
import { CAPS, type Engine, type EngineTask, type Halt, type Outcome, type Run } from './engine.ts'

const FORK = 'osaka'
/** Those that a transaction finds warm: 0x01 to 0x11, and P-256's. */
const PRECOMPILES = [...Array.from({ length: 0x11 }, (_, i) => i + 1), 0x100].map(
  (n): Address => `0x${n.toString(16).padStart(40, '0')}`,
)

export async function createMachineEngine(): Promise<Engine> {
  // One is kept: tasks mostly run one after the other, and a machine's memory is given back late.
  let idle: Machine | undefined = await Machine.create()
  return {
    id: 'enigma-evm',
    open: (task) => {
      const machine = idle ?? Machine.createSync()
      idle = undefined
      return new MachineRun(task, machine, () => {
        idle = machine
      })
    },
  }
}

class MachineRun implements Run {
  readonly #task: EngineTask
  readonly #machine: Machine
  readonly #giveBack: () => void
  readonly #reads = new Set<string>()
  readonly #warmAddresses: readonly Address[]

  constructor(task: EngineTask, machine: Machine, giveBack: () => void) {
    const { chainId, dApp, requester, view } = task
    const { header } = view
    this.#task = task
    this.#machine = machine
    this.#giveBack = giveBack
    // EIP-2929 and EIP-3651: gas must be what the code would cost on chain.
    this.#warmAddresses = [dApp, requester, header.coinbase, ...PRECOMPILES]
    machine.open({
      environment: {
        fork: FORK,
        chainId,
        block: { ...header, blobBaseFee: blobBaseFee(header.excessBlobGas ?? 0n) },
        origin: requester,
        gasPriceWei: 0n,
        blobHashes: [],
      },
      limits: CAPS,
      ownCodeOnly: dApp,
      precompiles: (address) => precompileAt(address, FORK),
    })
  }

  async *call(data: Uint8Array, gas: bigint): AsyncGenerator<Wanted, Outcome, void> {
    const { dApp: to, requester: caller } = this.#task
    const message = { kind: 'call', caller, to, valueWei: 0n, data, gas, isStatic: true } as const
    this.#machine.start(message, { warmAddresses: this.#warmAddresses, warmSlots: [] })
    for (;;) {
      const step = this.#machine.step()
      switch (step.kind) {
        case 'ended':
          return outcomeOf(step.outcome)
        case 'missing':
          if (!(yield* this.#supply(step.miss))) return { kind: 'halted', halt: 'reads' }
          break
        case 'turn':
          // Else a Core that computes would not notice that its host is gone.
          await new Promise<void>(setImmediate)
      }
    }
  }

  async *prefetch(slots: readonly StorageSlot[]): AsyncGenerator<Wanted, boolean, void> {
    if (!slots.every((slot) => this.#counts(slot))) return false
    yield* this.#task.view.slots(slots)
    return true
  }

  close(): void {
    this.#giveBack()
  }

  /** False if the code reads more than a task may, with what was prefetched. */
  *#supply(miss: Miss): Generator<Wanted, boolean, void> {
    const { view } = this.#task
    switch (miss.kind) {
      case 'account':
        this.#machine.putAccount(miss.address, yield* view.account(miss.address))
        return true
      case 'code':
        this.#machine.putCode(miss.codeHash, yield* view.code(miss.address, miss.codeHash))
        return true
      case 'slot':
        if (!this.#counts(miss)) return false
        this.#machine.putSlot(miss.address, miss.slot, yield* view.slot(miss))
        return true
      case 'blockHash':
        if (!this.#counts(blockHashSlot(miss.number))) return false
        this.#machine.putBlockHash(miss.number, yield* view.blockHash(miss.number))
        return true
    }
  }

  /** The machine asks for each slot once: the first read of it is the one that counts. */
  #counts({ address, slot }: StorageSlot): boolean {
    this.#reads.add(`${address}${slot}`)
    return this.#reads.size <= CAPS.reads
  }
}

function outcomeOf(outcome: EvmOutcome): Outcome {
  switch (outcome.kind) {
    case 'returned':
      return { kind: 'returned', output: outcome.output }
    case 'reverted':
      return { kind: 'reverted', data: outcome.output }
    case 'halted':
      return { kind: 'halted', halt: haltOf(outcome.halt) }
  }
}

/** Which of the many ways to be invalid it was is the machine's business: a requester can do nothing with it. */
function haltOf(halt: EvmHalt): Halt {
  switch (halt) {
    case 'outOfGas':
    case 'memory':
    case 'reads':
    case 'accounts':
    case 'depth':
      return halt
    case 'borrowedCode':
      return 'proxyCode'
    default:
      return 'invalid'
  }
}
