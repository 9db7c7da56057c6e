/** Where does the state keep the hashes of past blocks? In the contract of EIP-2935. */
import type { Address } from '@enigma/protocol'
import type { StorageSlot } from './steps.ts'

const HISTORY: Address = '0x0000f90827f1c53a10cb7a02335b175320002935'
const HISTORY_BLOCKS = 8_191n

/** Block n stands in slot n mod 8,191. */
export function blockHashSlot(number: bigint): StorageSlot {
  return { address: HISTORY, slot: `0x${(number % HISTORY_BLOCKS).toString(16).padStart(64, '0')}` }
}
