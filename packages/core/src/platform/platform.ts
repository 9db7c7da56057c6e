/**
 * What does Core need from the machine it runs on?
 *
 * Five functions; everything else in Core is the same on every platform.
 */
import type { Hex } from '@enigma/protocol'

export type Platform = {
  readonly kind: 'simulated'
  /** Hash of the code that runs. The quote carries it, and sealing keys belong to it. */
  measurement(): Hex
  /** The machine's word that code with this measurement asked for these 64 bytes. */
  quote(reportData: Uint8Array): Promise<Uint8Array>
  /** 32 bytes that only this code on this machine gets, another for each label. */
  sealingKey(label: Uint8Array): Uint8Array
  random(length: number): Uint8Array
}
