/**
 * What does the chain say of the network secret, its seats and its rules, at one block?
 *
 * Words of two contracts, each proven below a header that Core believes. What was not proven is an error and never a zero.
 */
import { ProofError, ProvenState, type StateProof } from '@enigma/evm/proof'
import {
  type Address,
  enigmaSlot,
  type Hex,
  keyRegistryOf,
  MAX_GENERATIONS,
  type Network,
  parseRegistryState,
  parseSeatWord,
  type RegistryState,
  registrySlot,
  type Seat,
  ZERO_HASH,
} from '@enigma/protocol'
import type { CallParams } from './calls.ts'
import { CoreError } from './errors.ts'
import { type BelievedHeader, believeHeader, parseHeader } from './observed.ts'

/** Throws where the header is not observed, or the registry's state not proven below it. */
export function believeRegistry(
  network: Network,
  { header, signatures, proof }: Pick<CallParams<'accept'>, 'header' | 'signatures' | 'proof'>,
): ProvenRegistry {
  return new ProvenRegistry(network, believeHeader(network, parseHeader(header), signatures), proof)
}

export class ProvenRegistry {
  readonly header: BelievedHeader
  readonly state: RegistryState
  readonly #proven: ProvenState
  readonly #enigma: Address
  readonly #registry: Address

  /** Throws BAD_PROOF where the proof does not hold, or lacks the registry's state. */
  constructor({ enigma }: Network, header: BelievedHeader, proof: StateProof) {
    this.header = header
    this.#enigma = enigma
    this.#registry = keyRegistryOf(enigma)
    this.#proven = new ProvenState(header.stateRoot)
    try {
      this.#proven.learn(proof)
    } catch (error) {
      if (error instanceof ProofError) throw new CoreError('BAD_PROOF', error.code)
      throw error
    }
    this.state = parseRegistryState(BigInt(this.#word(this.#registry, registrySlot.state)))
  }

  /** The first generation in force: before one is final there is none below the first. */
  get firstGeneration(): number {
    return Math.max(1, this.state.minGeneration)
  }

  /** Null: nobody has committed yet. */
  commitment(generation: number): Hex | null {
    const commitment = this.#word(this.#registry, registrySlot.commitment(generation))
    return commitment === ZERO_HASH ? null : commitment
  }

  /** Throws NOT_FINAL where nobody has. */
  committed(generation: number): Hex {
    const commitment = this.commitment(generation)
    if (commitment === null) throw new CoreError('NOT_FINAL')
    return commitment
  }

  /**
   * All in force up to `last`, which is final, or open and committed. Throws NOT_FINAL where the chain has none of that
   * number, TOO_MANY_GENERATIONS where they do not fit one grant.
   */
  commitments(last: number): Hex[] {
    const first = this.firstGeneration
    if (last < first || last > this.state.openGeneration) throw new CoreError('NOT_FINAL')
    if (last - first >= MAX_GENERATIONS) throw new CoreError('TOO_MANY_GENERATIONS')
    return Array.from({ length: last - first + 1 }, (_, index) => this.committed(first + index))
  }

  /** The epoch in which a generation was committed: the current one is that or a later one. */
  epochOf(generation: number): number {
    const word = BigInt(this.#word(this.#registry, registrySlot.committed(generation)))
    return Number(BigInt.asUintN(32, word >> 192n))
  }

  /** Undefined where none is proven. */
  readonly knownCommitment = (generation: number): Hex | undefined =>
    this.#proven.slot(this.#registry, registrySlot.commitment(generation))

  seat(seat: number): Seat {
    return parseSeatWord(BigInt(this.#word(this.#enigma, enigmaSlot.seat(seat))))
  }

  operator(seat: number): Address {
    return `0x${this.#word(this.#enigma, enigmaSlot.holder(seat)).slice(26)}`
  }

  measurement(id: number): Hex {
    return this.#word(this.#enigma, enigmaSlot.measurement(id))
  }

  isRevoked(measurementId: number): boolean {
    const mask = BigInt.asUintN(32, BigInt(this.#word(this.#enigma, enigmaSlot.revoked)))
    return ((mask >> BigInt(measurementId)) & 1n) === 1n
  }

  /** Of the network that seats of this measurement belong to, where that is not the one that the chain began with. */
  networkHash(measurementId: number): Hex | null {
    const hash = this.#word(this.#registry, registrySlot.networkHash(measurementId))
    return hash === ZERO_HASH ? null : hash
  }

  joinKey(seat: number): Hex {
    return this.#word(this.#registry, registrySlot.joinKey(seat))
  }

  /** The last generation that was given to this signer; 0 if none. */
  heldBy(signer: Address): number {
    return Number(BigInt.asUintN(32, BigInt(this.#word(this.#registry, registrySlot.heldBy(signer)))))
  }

  policyHash(): Hex {
    return this.#word(this.#registry, registrySlot.policyHash)
  }

  #word(contract: Address, slot: Hex): Hex {
    const word = this.#proven.slot(contract, slot)
    if (word === undefined) throw new CoreError('BAD_PROOF', 'PROOF_INCOMPLETE')
    return word
  }
}
