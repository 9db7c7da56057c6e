/** Keccak-256 by the machine's WebAssembly, in an instance of its own. */
import { wasmModule } from './wasm-module.ts'

/** Of the module's exports those that hash; see assembly/keccak.ts. */
type Exports = {
  memory: WebAssembly.Memory
  keccakInput: WebAssembly.Global<'i32'>
  keccakBegin(): void
  keccakAbsorb(from: number, length: number): void
  keccakFinish(from: number, length: number): number
}

/** What the module takes in at a time: a multiple of 136. */
const PART_BYTES = 30 * 136

let hasher: { exports: Exports; bytes: Uint8Array; input: number } | undefined

export function keccak256(bytes: Uint8Array): Uint8Array {
  hasher ??= instantiate()
  const { exports, bytes: memory, input } = hasher
  exports.keccakBegin()
  let at = 0
  for (; bytes.length - at > PART_BYTES; at += PART_BYTES) {
    memory.set(bytes.subarray(at, at + PART_BYTES), input)
    exports.keccakAbsorb(input, PART_BYTES)
  }
  memory.set(at === 0 ? bytes : bytes.subarray(at), input)
  const hash = exports.keccakFinish(input, bytes.length - at)
  return memory.slice(hash, hash + 32)
}

function instantiate() {
  const exports = new WebAssembly.Instance(wasmModule()).exports as Exports
  // Hashing alone never grows the memory, so the view stays good.
  return { exports, bytes: new Uint8Array(exports.memory.buffer), input: exports.keccakInput.value }
}
