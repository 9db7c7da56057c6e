/** Reads little-endian fields from the front of a quote, and refuses to read past its end. */
import { refuse } from './attestation-error.ts'

export class ByteReader {
  readonly bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  get at(): number {
    return this.#at
  }

  get isAtEnd(): boolean {
    return this.#at === this.bytes.length
  }

  take(length: number): Uint8Array {
    const end = this.#at + length
    if (end > this.bytes.length) refuse('QUOTE_TRUNCATED', `${this.bytes.length} bytes where ${end} are needed`)
    const taken = this.bytes.subarray(this.#at, end)
    this.#at = end
    return taken
  }

  uint16(): number {
    return littleEndian(this.take(2))
  }

  uint32(): number {
    return littleEndian(this.take(4))
  }
}

/** Up to six little-endian bytes as a number. */
export function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0)
}
