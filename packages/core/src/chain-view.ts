/**
 * What does Core believe of the chain?
 *
 * Everything that an execution reads comes through a ChainView, and confidentiality hangs on it: whoever can invent
 * chain state can run a victim's data against states of his choice and read the outputs (S10 to S12).
 * A view knows a fact or it does not; it never fetches. Facts arrive from the host through the door, and the view
 * decides what it accepts: `host-view.ts` for now believes them.
 */
import type { Address, Hex } from '@enigma/protocol'

export type AccountFact = { nonce: bigint; balance: bigint; code: Uint8Array; codeHash: Hex }

/** What an execution needs next. */
export type Wanted = {
  accounts: readonly Address[]
  slots: readonly { address: Address; slot: Hex }[]
  blockHashes: readonly number[]
}

export type ChainView = {
  account(address: Address): AccountFact | undefined
  slot(address: Address, slot: Hex): Hex | undefined
  blockHash(number: number): Hex | undefined
}
