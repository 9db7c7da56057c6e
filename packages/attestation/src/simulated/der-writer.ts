/** Writes the DER that `der.ts` reads: just what certificates and revocation lists are made of. */
import { concatBytes, type Hex, hexToBytes, utf8 } from '@enigma/protocol'
import { TAG } from '../der-tag.ts'

export function element(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(...parts)
  return concatBytes(Uint8Array.of(tag, ...lengthOf(content.length)), content)
}

export const sequence = (...parts: readonly Uint8Array[]) => element(TAG.sequence, ...parts)
export const oid = (hex: Hex) => element(TAG.oid, hexToBytes(hex))
export const octets = (bytes: Uint8Array) => element(TAG.octetString, bytes)
export const bits = (bytes: Uint8Array, unused = 0) => element(TAG.bitString, Uint8Array.of(unused), bytes)
export const boolean = (value: boolean) => element(TAG.boolean, Uint8Array.of(value ? 0xff : 0))
export const enumerated = (value: number) => element(TAG.enumerated, Uint8Array.of(value))

/** A non-negative integer from its big-endian bytes, whatever zeros they begin with. */
export function unsigned(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0)
  const magnitude = start < 0 ? Uint8Array.of(0) : bytes.subarray(start)
  // A set top bit would read as a sign.
  return element(TAG.integer, Uint8Array.of(...((magnitude[0] ?? 0) >= 0x80 ? [0] : [])), magnitude)
}

export const smallInteger = (value: number) => unsigned(Uint8Array.of(value >> 16, value >> 8, value))

/** UTCTime up to 2049, GeneralizedTime after it (RFC 5280 §4.1.2.5). */
export function time(seconds: number): Uint8Array {
  const date = new Date(seconds * 1000)
  const digits = `${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`
  if (date.getUTCFullYear() < 2050) return element(TAG.utcTime, utf8(digits.slice(2)))
  return element(TAG.generalizedTime, utf8(digits))
}

function lengthOf(length: number): readonly number[] {
  if (length < 0x80) return [length]
  if (length < 0x100) return [0x81, length]
  return [0x82, length >> 8, length & 0xff]
}
