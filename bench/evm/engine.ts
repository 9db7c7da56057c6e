/** What the benchmark asks of an EVM. */
import type { Address, Hex } from '@enigma/protocol'

export const CALLER: Address = '0x00000000000000000000000000000000000ca11e'
/** Enough for every workload, and the same for every engine. */
export const GAS = 4_000_000_000n

export type Engine = {
  id: string
  /** Puts code at an address of an empty chain. */
  install(address: Address, code: Hex): Promise<void>
  /** Runs a call on that state, changes nothing, and returns the output. */
  call(to: Address, data: Hex): Promise<Hex>
  close(): Promise<void>
}
