/** Recursive length prefix, written. */
import { concatBytes, hexToBytes } from '@enigma/protocol'

export type Rlp = Uint8Array | readonly Rlp[]

export function encode(item: Rlp): Uint8Array {
  if (item instanceof Uint8Array)
    return item.length === 1 && (item[0] as number) < 0x80 ? item : concatBytes(prefix(0x80, item.length), item)
  const body = concatBytes(...item.map(encode))
  return concatBytes(prefix(0xc0, body.length), body)
}

/** A number has no leading zeros, and zero has no bytes. */
export function encodable(value: bigint): Uint8Array {
  if (value === 0n) return new Uint8Array()
  const digits = value.toString(16)
  return hexToBytes(digits.length % 2 === 0 ? `0x${digits}` : `0x0${digits}`)
}

function prefix(kind: number, length: number): Uint8Array {
  if (length < 56) return Uint8Array.of(kind + length)
  const size = encodable(BigInt(length))
  return concatBytes(Uint8Array.of(kind + 55 + size.length), size)
}
