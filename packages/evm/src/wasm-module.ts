/** The compiled machine: once for the whole process, however many instances there are. */
import { wasmBase64 } from './wasm-bytes.ts'

let compiled: WebAssembly.Module | undefined

export function wasmModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(decodeBase64(wasmBase64))
  return compiled
}

/** In a loop: in a fresh process `Uint8Array.from` with a function takes three times as long. */
function decodeBase64(base64: string): Uint8Array<ArrayBuffer> {
  const characters = atob(base64)
  const bytes = new Uint8Array(characters.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i)
  return bytes
}
