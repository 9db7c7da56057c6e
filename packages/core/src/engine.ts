/**
 * What must an EVM be, so that Core can sign what it computed?
 *
 * A run is a pure function of its calls and of the chain facts it reads. It stops for a fact it lacks, and goes on when the
 * view has it. What it may use is counted, never timed: two honest Cores must end a task alike (S13, S19).
 */
import { type Address, LIMITS } from '@enigma/protocol'
import type { ChainView, StorageSlot, Wanted } from './chain-view.ts'

/** Static calls into `dApp` as nobody's transaction: value 0, gas price 0, `requester` is caller and origin. */
export type EngineTask = { chainId: bigint; dApp: Address; requester: Address; view: ChainView }

/** Why a call ended without the code's own word. Each is reached from the same bytes by every Core. */
export type Halt = 'outOfGas' | 'invalid' | 'proxyCode' | CountedCap
type CountedCap = 'memory' | 'reads' | 'accounts' | 'depth'

export type Outcome =
  | { kind: 'returned'; output: Uint8Array }
  | { kind: 'reverted'; data: Uint8Array }
  | { kind: 'halted'; halt: Halt }

/** The calls of one task. What they use is counted together. */
export type Run = {
  /** Yields what it needs of the chain; is resumed when the view has it. */
  call(data: Uint8Array, gasLimit: bigint): AsyncGenerator<Wanted, Outcome, void>
  /** Counts these slots as read, and yields until all are known. False if they are too many. */
  prefetch(slots: readonly StorageSlot[]): AsyncGenerator<Wanted, boolean, void>
  /** To be called at the end, whatever it was. */
  close(): void
}

export type Engine = {
  /** For logs; no result may depend on it. */
  readonly id: string
  open(task: EngineTask): Run
}

export const CAPS = {
  /** Words of memory and return data that all live frames hold together: 32 MiB. One frame of class 12 gets to 12 MiB. */
  memoryWords: 1 << 20,
  /** Distinct slots and block hashes. */
  reads: LIMITS.reads,
  /** Distinct accounts, whose code (24 KB each) must be held. */
  accounts: 256,
  /** Nested calls. */
  depth: 128,
} as const
