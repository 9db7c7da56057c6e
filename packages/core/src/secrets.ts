/**
 * Which secrets of the network does this Core hold?
 *
 * One for each generation in the end. Until the chain shows which commitment of a generation won, candidates stand side by
 * side: a Core may have made several, and been given another one's. Each is known by its commitment, and nothing is done
 * with one that the chain does not name.
 */
import {
  commitmentOf,
  concatBytes,
  type Hex,
  MAX_GENERATIONS,
  type RegistryState,
  SECRET_BYTES,
  type SecretScope,
} from '@enigma/protocol'
import { CoreError } from './errors.ts'

/** Of one generation. The oldest one, that the chain never confirmed, makes room. */
const MAX_CANDIDATES = 4
/** As many as can be handed on at once, and a few candidates. */
const MAX_SECRETS = MAX_GENERATIONS + 2 * MAX_CANDIDATES
const ENTRY_BYTES = 4 + SECRET_BYTES

type Held = { generation: number; commitment: Hex; secret: Uint8Array }

/** What the chain was proven to say of a generation; undefined where that was not proven. */
export type KnownGenerations = {
  state: RegistryState
  knownCommitment: (generation: number) => Hex | undefined
}

/** Never changed: whoever learns more makes another, so that a failure on the way leaves what was. */
export class Secrets {
  readonly #scope: SecretScope
  /** Of two of one generation the later one is the likelier. */
  readonly #held: readonly Held[]

  constructor(scope: SecretScope, held: readonly Held[] = []) {
    this.#scope = scope
    this.#held = held
  }

  /** Ascending, candidates included. */
  get generations(): number[] {
    return [...new Set(this.#held.map(({ generation }) => generation))].sort((a, b) => a - b)
  }

  get commitments(): Hex[] {
    return this.#held.map(({ commitment }) => commitment)
  }

  /** For tasks, which hold each one against the commitment that is proven to them. */
  get byGeneration(): ReadonlyMap<number, Uint8Array> {
    return new Map(this.#held.map(({ generation, secret }) => [generation, secret]))
  }

  /** Throws NO_SECRET. A commitment is bound to its generation, so nothing else needs to be compared. */
  committed(commitment: Hex): Uint8Array {
    const found = this.#held.find((held) => held.commitment === commitment)
    if (!found) throw new CoreError('NO_SECRET')
    return found.secret
  }

  has(commitment: Hex): boolean {
    return this.#held.some((held) => held.commitment === commitment)
  }

  /** Throws TOO_MANY_GENERATIONS: no generation makes room for another one. */
  with(generation: number, secret: Uint8Array): Secrets {
    const commitment = commitmentOf(secret, this.#scope, generation)
    const others = this.#held.filter((held) => held.commitment !== commitment)
    const rivals = others.filter((held) => held.generation === generation)
    const dropped = rivals.length < MAX_CANDIDATES ? undefined : rivals[0]
    const kept = others.filter((held) => held !== dropped)
    if (kept.length >= MAX_SECRETS) throw new CoreError('TOO_MANY_GENERATIONS')
    return new Secrets(this.#scope, [...kept, { generation, commitment, secret }])
  }

  /**
   * Forgets what the chain has passed over for good: losers of a final generation, and all below the least one. Puts the
   * committed one of an open generation last.
   */
  under({ state, knownCommitment }: KnownGenerations): Secrets {
    const isCommitted = ({ generation, commitment }: Held) => knownCommitment(generation) === commitment
    const kept = this.#held.filter((held) => {
      if (held.generation < state.minGeneration) return false
      if (held.generation > state.generation || knownCommitment(held.generation) === undefined) return true
      return isCommitted(held)
    })
    return new Secrets(this.#scope, [...kept.filter((held) => !isCommitted(held)), ...kept.filter(isCommitted)])
  }

  /** generation u32be ‖ secret 32, for each. */
  toBytes(): Uint8Array {
    return concatBytes(
      ...this.#held.map(({ generation, secret }) => {
        const entry = new Uint8Array(ENTRY_BYTES)
        new DataView(entry.buffer).setUint32(0, generation)
        entry.set(secret, 4)
        return entry
      }),
    )
  }

  static fromBytes(bytes: Uint8Array, scope: SecretScope): Secrets {
    let secrets = new Secrets(scope)
    for (let at = 0; at < bytes.length; at += ENTRY_BYTES) {
      const entry = bytes.slice(at, at + ENTRY_BYTES)
      if (entry.length !== ENTRY_BYTES) throw new CoreError('SEALED_DOES_NOT_OPEN')
      secrets = secrets.with(new DataView(entry.buffer).getUint32(0), entry.subarray(4))
    }
    return secrets
  }
}
