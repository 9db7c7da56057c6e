/** What does Core look at in the key registry before it runs a dApp that makes private calls? */
import { mentionsPrivateCalls } from '@enigma/evm/private/calls'
import { type Address, keyRegistryOf, MAX_GENERATIONS, registrySlot } from '@enigma/protocol'
import type { SlotOf } from './state.ts'

/**
 * The registry's state and the commitments of `generations`: brought along, so that Core need not ask for them. None for code
 * that names no private call; code that is not known yet may name some.
 */
export function keyWordsFor(enigma: Address, code: Uint8Array | undefined, generations: readonly number[]): SlotOf[] {
  if (code && !mentionsPrivateCalls(code)) return []
  const address = keyRegistryOf(enigma)
  // The newest: Core takes no task where more are in force.
  const commitments = generations.slice(-MAX_GENERATIONS).map(registrySlot.commitment)
  return [registrySlot.state, ...commitments].map((slot) => ({ address, slot }))
}
