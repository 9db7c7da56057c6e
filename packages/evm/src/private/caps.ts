/** What may one private function use? Each is counted, never timed: two honest machines must end it alike (S13, S19). */
import { LIMITS } from '@enigma/protocol'

export const CAPS = {
  /** Words of memory and return data that all live frames hold together: 32 MiB. One frame of class 12 gets to 12 MiB. */
  memoryWords: 1 << 20,
  /** Distinct slots and block hashes. */
  reads: LIMITS.reads,
  /** Distinct accounts, whose code (24 KB each) must be held. */
  accounts: 256,
  /** Nested calls. */
  depth: 128,
} as const

export type Caps = { readonly [name in keyof typeof CAPS]: number }
