/** How bytes look inside (Uint8Array) and at the edges (lowercase 0x-hex), and the one hash of the chain. */
import { keccak_256 } from '@noble/hashes/sha3.js'
import { hexToBytes as toBytes, bytesToHex as toHex } from '@noble/hashes/utils.js'
import { EnigmaError } from './errors.ts'

export type Hex = `0x${string}`
/** 20 bytes, lowercase: the EIP-55 checksum is for people, and two spellings of one address would not compare equal. */
export type Address = Hex

export const ZERO_HASH: Hex = `0x${'00'.repeat(32)}`

export function bytesToHex(bytes: Uint8Array): Hex {
  return `0x${toHex(bytes)}`
}

export function hexToBytes(hex: Hex): Uint8Array {
  return toBytes(parseHex(hex, { what: 'hex' }).slice(2))
}

/** Takes a value from outside and returns it as lowercase hex of exactly `bytes` bytes (any whole number if not given). */
export function parseHex(value: unknown, { bytes, what }: { bytes?: number; what: string }): Hex {
  if (typeof value !== 'string' || !/^0x(?:[0-9a-fA-F]{2})*$/.test(value)) throw new MalformedHexError(what, bytes)
  const found = value.length / 2 - 1
  if (bytes !== undefined && found !== bytes) throw new MalformedHexError(what, bytes, found)
  return value.toLowerCase() as Hex
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

/** In a time that tells nothing about where the two differ, since some callers compare values derived from keys. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number)
  return difference === 0
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

export function keccak256(bytes: Uint8Array): Hex {
  return bytesToHex(keccak_256(bytes))
}

/** A domain label such as "enigma.worker.v1", as it stands first in everything that Enigma hashes or authenticates. */
export function label(name: string): Hex {
  return keccak256(utf8(name))
}

export function bytesToBigInt(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(bytesToHex(bytes))
}

/** Thrown when something that must be hex is not, or has another length. The value is left out: it may be a key. */
export class MalformedHexError extends EnigmaError {
  override readonly name = 'Bytes.MalformedHexError'
  readonly code = 'MALFORMED_HEX'
  constructor(what: string, expected?: number, found?: number) {
    const wanted = expected === undefined ? '0x followed by pairs of hex digits' : `0x and ${expected} bytes in hex`
    super(`${what} must be ${wanted}${found === undefined ? '' : `, but has ${found} bytes`}.`, {
      hint: 'Check where this value comes from; it is probably cut, or of another kind.',
    })
  }
}
