/** Chance that can be had again: all of a program follows from one seed. */
import { type Hex, hexToBytes } from '@enigma/protocol'

export type Random = {
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number
  chance(percent: number): boolean
  pick<T>(list: readonly T[]): T
  bytes(length: number): Uint8Array
  /** A 256-bit number: more often than not one where something begins or ends. */
  word(): bigint
}

const ONE = 1n
const EDGE_BITS = [8n, 16n, 31n, 32n, 63n, 64n, 65n, 127n, 128n, 129n, 160n, 191n, 192n, 193n, 254n, 255n, 256n]
const ALL = (ONE << 256n) - 1n

/** Mulberry32: 2^32 streams are plenty here, and its state is one number. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const below = (limit: number) => next() % limit
  const bytes = (length: number) => Uint8Array.from({ length }, () => next() & 255)
  const wide = () => BigInt(`0x${Buffer.from(bytes(1 + below(32))).toString('hex')}`)
  const edge = () => ((ONE << (EDGE_BITS[below(EDGE_BITS.length)] as bigint)) + BigInt(below(5) - 2)) & ALL
  const word = () => {
    const kind = below(10)
    if (kind < 3) return BigInt(below(40))
    if (kind < 6) return edge()
    return kind < 7 ? ALL - edge() : wide()
  }
  return {
    below,
    chance: (percent) => below(100) < percent,
    pick: (list) => list[below(list.length)] as (typeof list)[number],
    bytes,
    word,
  }
}

/** The shortest PUSH of `value`. */
export function push(value: bigint): number[] {
  if (value === 0n) return [0x5f]
  const digits = value.toString(16)
  const bytes = hexToBytes(`0x${digits.length % 2 ? '0' : ''}${digits}` as Hex)
  return [0x5f + bytes.length, ...bytes]
}
