/**
 * What has a host to prove for the calls about the network secret? Every word that Core reads, and no other.
 *
 * For hosts: Core itself takes whatever is proven and misses what is not.
 */
import { type Address, enigmaSlot, type Hex, keyRegistryOf, type RegistryState, registrySlot } from '@enigma/protocol'

export type Words = { accounts: readonly Address[]; slots: readonly { address: Address; slot: Hex }[] }

export type GrantWords = {
  /** As it stands at the block of the proof. */
  state: RegistryState
  seat: number
  donorSeat: number
  /** The joiner's. */
  signer: Address
  /** Likewise. */
  measurementId: number
}

/** For `hold` and `contractKey`. */
export function wordsOfGeneration(enigma: Address, generation: number): Words {
  return words(enigma, [registrySlot.state, registrySlot.commitment(generation)])
}

/** For `accept`, by a Core with this signer. */
export function wordsOfAccept(
  enigma: Address,
  { state, generation, signer }: { state: RegistryState; generation: number; signer: Address },
): Words {
  const commitments = inForce(state, generation).map(registrySlot.commitment)
  return words(enigma, [registrySlot.state, registrySlot.heldBy(signer), ...commitments])
}

export function wordsOfGrant(enigma: Address, { state, seat, donorSeat, signer, measurementId }: GrantWords): Words {
  const { generation, openGeneration } = state
  const registry = [
    ...[registrySlot.state, registrySlot.policyHash, registrySlot.joinKey(seat), registrySlot.heldBy(signer)],
    registrySlot.networkHash(measurementId),
    ...inForce(state, openGeneration).map(registrySlot.commitment),
    // Which of the two Core hands on last, it tells afterwards.
    ...[...new Set([generation, openGeneration])].filter((number) => number > 0).map(registrySlot.committed),
  ]
  const { seat: seatSlot, holder, measurement, revoked } = enigmaSlot
  const seats = [...new Set([seat, donorSeat])].map(seatSlot)
  return words(enigma, registry, [...seats, holder(seat), measurement(measurementId), revoked])
}

function inForce({ minGeneration }: RegistryState, last: number): number[] {
  const first = Math.max(1, minGeneration)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index)
}

function words(enigma: Address, registry: readonly Hex[], own: readonly Hex[] = []): Words {
  const keyRegistry = keyRegistryOf(enigma)
  const slots = [
    ...registry.map((slot) => ({ address: keyRegistry, slot })),
    ...own.map((slot) => ({ address: enigma, slot })),
  ]
  return { accounts: own.length > 0 ? [keyRegistry, enigma] : [keyRegistry], slots }
}
