/**
 * What does Core need from the machine it runs on?
 *
 * Five functions; everything else in Core is the same on every platform.
 */
import type { Hex } from '@enigma/protocol'

export const PLATFORM_KINDS = ['simulated', 'gramine-sgx', 'tdx'] as const
export type PlatformKind = (typeof PLATFORM_KINDS)[number]

export type Platform = {
  readonly kind: PlatformKind
  /** Hash of the code that runs, as the quote tells it. */
  measurement(): Hex
  /** The machine's word that code with this measurement asked for these 64 bytes. */
  quote(reportData: Uint8Array): Promise<Uint8Array>
  /**
   * 32 bytes that only this code on this machine gets, another for each label. Null where the machine keeps no key of
   * its own: there Core's keys live in memory, and end with it.
   */
  readonly sealingKey: ((label: Uint8Array) => Uint8Array) | null
  random(length: number): Uint8Array
}
