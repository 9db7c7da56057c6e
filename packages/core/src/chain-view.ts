/**
 * What does Core believe of the chain?
 *
 * Of the state below one observed header what Merkle proofs show. Everything that an execution reads comes through here,
 * and confidentiality hangs on it: whoever could invent chain state could run a victim's data against states of his choice
 * and read the outputs (S10 to S12). A view never fetches: it yields what it lacks, until the host has proven that.
 * Facts cannot contradict each other, since all of them hang on one root.
 */
import type { Account } from '@enigma/evm'
import { ProofError, ProvenState, type StateProof } from '@enigma/evm/proof'
import { type Address, type Hex, ZERO_HASH } from '@enigma/protocol'
import { CoreError } from './errors.ts'
import type { BelievedHeader } from './observed.ts'

export type StorageSlot = { address: Address; slot: Hex }

/** What an execution needs next. Of accounts the code is wanted too. */
export type Wanted = { accounts: readonly Address[]; slots: readonly StorageSlot[] }

/** Yields as long as something is missing. */
type Proven<Value> = Generator<Wanted, Value, void>

/** EIP-2935: the contract that keeps the last block hashes, block n in slot n mod 8,191. */
const HISTORY: Address = '0x0000f90827f1c53a10cb7a02335b175320002935'
const HISTORY_BLOCKS = 8_191n

export class ChainView {
  readonly header: BelievedHeader
  readonly #state: ProvenState

  constructor(header: BelievedHeader) {
    this.header = header
    this.#state = new ProvenState(header.stateRoot)
  }

  /** Takes facts over. Throws BAD_PROOF; the view is of no use after that. */
  learn(proof: StateProof): void {
    try {
      this.#state.learn(proof)
    } catch (error) {
      if (error instanceof ProofError) throw new CoreError('BAD_PROOF', error.code)
      throw error
    }
  }

  /** Null if it does not exist. */
  account(address: Address): Proven<Account | null> {
    return until(() => this.#state.account(address), { accounts: [address], slots: [] })
  }

  /** Of an account that is proven. */
  code(address: Address, codeHash: Hex): Proven<Uint8Array> {
    return until(() => this.#state.code(codeHash), { accounts: [address], slots: [] })
  }

  *slot({ address, slot }: StorageSlot): Proven<Hex> {
    yield* this.slots([{ address, slot }])
    return this.#state.slot(address, slot) as Hex
  }

  /** All of them at once. */
  *slots(wanted: readonly StorageSlot[]): Proven<void> {
    for (;;) {
      const slots = wanted.filter(({ address, slot }) => this.#state.slot(address, slot) === undefined)
      if (slots.length === 0) return
      const accounts = new Set(slots.map(({ address }) => address))
      yield { accounts: [...accounts].filter((address) => this.#state.account(address) === undefined), slots }
    }
  }

  /** Of one of the 256 blocks before this header's. No chain with EIP-2935 has none: zero is no answer. */
  *blockHash(number: bigint): Proven<Hex> {
    const hash = yield* this.slot(blockHashSlot(number))
    if (hash === ZERO_HASH) throw new CoreError('NO_BLOCK_HASH')
    return hash
  }
}

/** Where EIP-2935 keeps the hash of a block. */
export function blockHashSlot(number: bigint): StorageSlot {
  return { address: HISTORY, slot: `0x${(number % HISTORY_BLOCKS).toString(16).padStart(64, '0')}` }
}

function* until<Value>(read: () => Value | undefined, wanted: Wanted): Proven<Value> {
  for (;;) {
    const value = read()
    if (value !== undefined) return value
    yield wanted
  }
}

/** What must be known from the first proof on: there is nothing yet that could wait for the rest. */
export function known<Value>(proven: Proven<Value>): Value {
  const { value, done } = proven.next()
  if (!done) throw new CoreError('BAD_PROOF', 'PROOF_INCOMPLETE')
  return value
}
