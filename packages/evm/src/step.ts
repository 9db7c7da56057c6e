/** How far did the machine come? */
import type { Address, Hex } from '@enigma/protocol'
import type { Account, Environment, Limits, Miss, Outcome, Precompile } from './types.ts'

export type Setting = {
  environment: Environment
  limits: Limits
  /** In a frame of this account DELEGATECALL and CALLCODE end the run: it runs its own code or none. */
  ownCodeOnly?: Address
  precompiles?: (address: Address) => Precompile | undefined
  /** Addresses at which the host answers calls in its own time: `step` returns `asked`, and `answer` goes on. */
  isAsked?: (address: Address) => boolean
  /** Whether `step` also returns at each frame's beginning and end and at each read. */
  isTraced?: boolean
}

/** What a transaction finds warm (EIP-2929, EIP-2930, EIP-3651). */
export type Warm = {
  warmAddresses: readonly Address[]
  warmSlots: readonly { address: Address; slot: Hex }[]
}

export type CallKind = 'call' | 'callcode' | 'delegatecall' | 'staticcall' | 'create' | 'create2'

export type Entered = {
  kind: 'entered'
  call: CallKind
  depth: number
  from: Address
  /** Whose code runs; for the two kinds that borrow code, as whom. */
  to: Address
  valueWei: bigint
  input: Uint8Array
  gas: bigint
}

/** A call to an address of `isAsked`. */
export type Asked = {
  kind: 'asked'
  address: Address
  /** A view of the machine's memory, good until the call is answered. */
  input: Uint8Array
  gas: bigint
  /** Whether every frame on the call stack runs as the account of `ownCodeOnly`. */
  isOwn: boolean
}

/** How such a call ends. */
export type AskedEnding =
  | { kind: 'returned' | 'reverted'; output: Uint8Array; gasLeft: bigint }
  /** All of its gas is gone. */
  | { kind: 'halted'; halt: 'outOfGas' | 'precompileFailed' }

export type Step =
  | { kind: 'ended'; outcome: Outcome }
  | { kind: 'missing'; miss: Miss }
  /** Time for the event loop; nothing is asked. */
  | { kind: 'turn' }
  | Asked
  | Entered
  | { kind: 'left'; depth: number; outcome: Outcome }
  /** An account, or one of its slots. */
  | { kind: 'read'; address: Address; slot?: Hex }

/** An account as the run left it. */
export type AccountAfter = {
  address: Address
  /** Null: it does not exist. */
  account: Account | null
  /** If the machine has seen it. */
  code?: Uint8Array
  /** Whether all of its storage is in `slots`: it was begun anew. */
  hasFreshStorage: boolean
  /** Whether the last message created it and destroyed it again. */
  isDestroyed: boolean
  /** Those that were read or written. */
  slots: readonly { slot: Hex; value: Hex }[]
}
