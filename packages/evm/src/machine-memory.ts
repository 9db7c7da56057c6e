/** The machine's memory as TypeScript sees it: words are four limbs, the lowest first, which is 32 bytes in reverse. */
import { type Address, bytesToHex, type Hex, hexToBytes } from '@enigma/protocol'

export class MachineMemory {
  readonly #memory: WebAssembly.Memory
  #bytes = new Uint8Array(0)
  #view = new DataView(new ArrayBuffer(0))

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory
  }

  /** Good until the module runs again: it may write here, or grow. */
  view(at: number, size: number): Uint8Array {
    return this.#all().subarray(at, at + size)
  }

  /** A copy. */
  slice(at: number, size: number): Uint8Array {
    return this.#all().slice(at, at + size)
  }

  write(at: number, bytes: Uint8Array): void {
    this.#all().set(bytes, at)
  }

  writeHex(at: number, value: Hex): void {
    const bytes = hexToBytes(value)
    const all = this.#all()
    all.fill(0, at + bytes.length, at + 32)
    for (let i = 0; i < bytes.length; i++) all[at + i] = bytes[bytes.length - 1 - i] as number
  }

  writeNumber(at: number, value: bigint): void {
    this.#all()
    let rest = value
    for (let limb = 0; limb < 32; limb += 8) {
      this.#view.setBigUint64(at + limb, rest, true)
      rest >>= 64n
    }
  }

  u32(at: number): number {
    this.#all()
    return this.#view.getUint32(at, true)
  }

  u64(at: number): bigint {
    this.#all()
    return this.#view.getBigUint64(at, true)
  }

  word(at: number): Hex {
    return bytesToHex(this.slice(at, 32).reverse())
  }

  address(at: number): Address {
    return bytesToHex(this.slice(at, 20).reverse())
  }

  number(at: number): bigint {
    return BigInt(this.word(at))
  }

  /** Growing gives the memory another buffer. */
  #all(): Uint8Array {
    if (this.#bytes.length === 0 || this.#bytes.buffer !== this.#memory.buffer) {
      this.#bytes = new Uint8Array(this.#memory.buffer)
      this.#view = new DataView(this.#memory.buffer)
    }
    return this.#bytes
  }
}
