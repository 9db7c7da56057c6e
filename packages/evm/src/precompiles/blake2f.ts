/** BLAKE2b's compression function (EIP-152): a gas buys a round, so it runs as WebAssembly, some 10 ns each. */
import type { Precompile } from '../types.ts'
import { wasmModule } from '../wasm-module.ts'

/** rounds (4 bytes, the highest first) · state (64) · message (128) · offset (16) · whether it is the last block (1). */
const INPUT_BYTES = 213
const BLOCK_AT = 4
const LAST_AT = 212
const STATE_BYTES = 64

/** Of the module's exports those that compress; see assembly/blake2.ts. */
type Compressor = {
  memory: WebAssembly.Memory
  blake2Block: WebAssembly.Global<'i32'>
  blake2Compress(rounds: number, isLast: number): void
}

let compressor: Compressor | undefined

export const blake2f: Precompile = {
  gas: (input) => (input.length === INPUT_BYTES ? BigInt(roundsOf(input)) : 0n),
  run(input) {
    const isLast = input[LAST_AT] as number
    if (input.length !== INPUT_BYTES || isLast > 1) return null
    compressor ??= new WebAssembly.Instance(wasmModule()).exports as Compressor
    const at = compressor.blake2Block.value
    const memory = new Uint8Array(compressor.memory.buffer)
    memory.set(input.subarray(BLOCK_AT, LAST_AT), at)
    compressor.blake2Compress(roundsOf(input), isLast)
    return memory.slice(at, at + STATE_BYTES)
  },
}

function roundsOf(input: Uint8Array): number {
  return new DataView(input.buffer, input.byteOffset).getUint32(0)
}
