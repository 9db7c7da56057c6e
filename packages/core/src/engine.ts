/**
 * What must an EVM be, so that Core can sign what it computed?
 *
 * A run is a pure function of the call and of the chain facts it reads. It stops for a fact it lacks, and goes on when
 * the view has it. What it may use is counted, never timed: two honest Cores must end a task alike (S13, S19).
 */
import type { Address, Hex } from '@enigma/protocol'
import { LIMITS } from '@enigma/protocol'
import type { Header } from './calls.ts'
import type { ChainView, Wanted } from './chain-view.ts'

/** A static call as nobody's transaction: value 0, gas price 0, `caller` is also the origin. */
export type EngineCall = {
  chainId: bigint
  block: Header
  to: Address
  caller: Address
  data: Uint8Array
  gasLimit: bigint
}

/** Why a run ended without the code's own word. Each is reached from the same bytes by every Core. */
export type Halt = 'outOfGas' | 'invalid' | 'proxyCode' | 'unsupported' | CountedCap
type CountedCap = 'memory' | 'reads' | 'accounts' | 'depth'

export type Outcome =
  | { kind: 'returned'; output: Uint8Array }
  | { kind: 'reverted'; data: Uint8Array }
  | { kind: 'halted'; halt: Halt }

export type Engine = {
  /** For logs; no result may depend on it. */
  readonly id: string
  /** Yields what it needs from `view`; is resumed when `view` has it. `meter` counts over all calls of one task. */
  run(call: EngineCall, view: ChainView, meter: Meter): AsyncGenerator<Wanted, Outcome, void>
}

export const CAPS = {
  /** Words of memory and return data that all live frames hold together: 32 MiB. One frame of class 12 gets to 12 MiB. */
  memoryWords: 1 << 20,
  /** Distinct slots and block hashes. */
  reads: LIMITS.reads,
  /** Distinct accounts, whose code (24 KB each) must be held. */
  accounts: 256,
  /** Nested calls. The EVM's 1,024 would let 24 KB of jump tables per frame fill the heap for almost no gas. */
  depth: 128,
} as const

/** Thrown through the EVM when a run must end at once, so that no contract can catch it. */
export class HaltSignal extends Error {
  readonly halt: Halt
  constructor(halt: Halt) {
    super(halt)
    this.halt = halt
  }
}

/** Counts what one task has used so far. */
export class Meter {
  readonly #slots = new Set<string>()
  readonly #accounts = new Set<Address>()
  #memoryWords = 0

  readSlot(address: Address, slot: Hex): void {
    this.#slots.add(`${address}${slot}`)
    if (this.#slots.size > CAPS.reads) throw new HaltSignal('reads')
  }

  readBlockHash(number: number): void {
    this.#slots.add(`${number}`)
    if (this.#slots.size > CAPS.reads) throw new HaltSignal('reads')
  }

  readAccount(address: Address): void {
    this.#accounts.add(address)
    if (this.#accounts.size > CAPS.accounts) throw new HaltSignal('accounts')
  }

  enter(depth: number): void {
    if (depth > CAPS.depth) throw new HaltSignal('depth')
  }

  /** Memory that a live frame grew by, or gave back (negative). */
  holdMemory(words: number): void {
    this.#memoryWords += words
    if (this.#memoryWords > CAPS.memoryWords) throw new HaltSignal('memory')
  }
}
