/**
 * The chain at the end of one block, as a private function reads it: what is proven, and questions for the rest.
 *
 * A view never fetches: it yields what it lacks until whoever drives it has proven that. Facts cannot contradict each other,
 * since all of them hang on the root of one header.
 */
import { type Address, EnigmaError, type Hex, ZERO_HASH } from '@enigma/protocol'
import type { Header } from '../proof/header.ts'
import { ProvenState, type StateProof } from '../proof/proven-state.ts'
import type { Account } from '../types.ts'
import { blockHashSlot } from './history.ts'
import type { Proven, StorageSlot, Wanted } from './steps.ts'

export class ProvenView<Believed extends Header = Header> {
  readonly header: Believed
  readonly #state: ProvenState

  /** Whether the header is the chain's is for the caller to know. */
  constructor(header: Believed) {
    this.header = header
    this.#state = new ProvenState(header.stateRoot)
  }

  /** Takes facts over. Throws ProofError; the view is of no use after that. */
  learn(proof: StateProof): void {
    this.#state.learn(proof)
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
    if (hash === ZERO_HASH) throw new NoBlockHashError(number)
    return hash
  }
}

function* until<Value>(read: () => Value | undefined, wanted: Wanted): Proven<Value> {
  for (;;) {
    const value = read()
    if (value !== undefined) return value
    yield wanted
  }
}

/** Thrown when code asks for the hash of a block that the state does not keep: that says nothing about the code. */
export class NoBlockHashError extends EnigmaError {
  override readonly name = 'Private.NoBlockHashError'
  readonly code = 'NO_BLOCK_HASH'
  constructor(number: bigint) {
    super(`The chain's state does not keep the hash of block ${number}.`, {
      hint: 'Run it on a chain with the history contract of EIP-2935, or without BLOCKHASH.',
    })
  }
}
