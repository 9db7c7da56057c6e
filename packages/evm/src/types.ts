/**
 * What is a call to the EVM, what does it need of the world, and how does it end?
 *
 * Amounts are wei, gas is gas; addresses are lower-case 20-byte hex, slots and hashes 32-byte hex.
 */
import type { Address, Hex } from '@enigma/protocol'

/** Rules that exist as tables. Core runs `osaka`; the others are there for the official tests. */
export type Fork = 'cancun' | 'prague' | 'osaka'

export type Block = {
  number: bigint
  timestamp: bigint
  coinbase: Address
  prevRandao: Hex
  gasLimit: bigint
  baseFeePerGas: bigint
  blobBaseFee: bigint
}

export type Environment = {
  fork: Fork
  chainId: bigint
  block: Block
  origin: Address
  gasPriceWei: bigint
  blobHashes: readonly Hex[]
}

/** What a run may use. Each is counted, never timed, and ends the whole run at once: no contract can catch it. */
export type Limits = {
  /** Words of memory and return data that all live frames hold together. */
  memoryWords: number
  /** Nested calls: a call deeper than this ends the run. From 1,024 on the EVM's own rule comes first (the call fails). */
  depth: number
  /** Distinct slots and block hashes, over all calls since `open`. */
  reads: number
  /** Distinct accounts, over all calls since `open`. */
  accounts: number
}

/** A top-level frame. */
export type Message = {
  kind: 'call' | 'create'
  caller: Address
  /** The callee, or where the new contract comes to stand. */
  to: Address
  valueWei: bigint
  /** Calldata, or the init code. */
  data: Uint8Array
  gas: bigint
  isStatic: boolean
}

/** An account as the state holds it. One that does not exist is null. */
export type Account = {
  nonce: bigint
  balanceWei: bigint
  codeHash: Hex
  /** Whether its storage root is not that of an empty trie (EIP-7610). Left out: it is empty. */
  hasStorage?: boolean
}

/** What the machine lacks. */
export type Miss =
  | { kind: 'account'; address: Address }
  | { kind: 'code'; address: Address; codeHash: Hex }
  | { kind: 'slot'; address: Address; slot: Hex }
  | { kind: 'blockHash'; number: bigint }

/** Why a frame ended without the code's own word. */
export type Halt =
  | 'outOfGas'
  | 'stackUnderflow'
  | 'stackOverflow'
  | 'badJump'
  | 'invalidOpcode'
  | 'staticViolation'
  | 'returnDataOutOfBounds'
  | 'createCollision'
  | 'createCode'
  | 'precompileFailed'
  /** The run met a limit, or borrowed foreign code where it must not. */
  | 'memory'
  | 'reads'
  | 'accounts'
  | 'depth'
  | 'borrowedCode'

export type Outcome =
  | { kind: 'returned'; output: Uint8Array; gasLeft: bigint; refund: bigint }
  | { kind: 'reverted'; output: Uint8Array; gasLeft: bigint }
  | { kind: 'halted'; halt: Halt }

export type Log = { address: Address; topics: readonly Hex[]; data: Uint8Array }

/**
 * `gas` is asked first; `run` only if it was there. Null: the input is refused, and the call's gas is gone. The input is the
 * machine's memory: what is kept of it is copied.
 */
export type Precompile = {
  gas(input: Uint8Array): bigint
  run(input: Uint8Array): Uint8Array | null
}
