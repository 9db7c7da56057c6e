/** How fixtures write numbers and bytes: with and without leading zeros, prefixes and pairs. */
import { type Address, type Hex, hexToBytes } from '@enigma/protocol'

/** A number of any size. `0x:bigint 0x…` marks one beyond 256 bits. */
export function quantity(text: string): bigint {
  const bare = text.replace(/^0x:bigint /, '')
  if (bare === '' || bare === '0x') return 0n
  if (!/^(?:0x[0-9a-fA-F]+|[0-9]+)$/.test(bare)) throw new FixtureError(`"${text}" is no number`)
  return BigInt(bare)
}

export function bytes(text: string): Uint8Array {
  const bare = text.startsWith('0x') ? text.slice(2) : text
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(bare)) throw new FixtureError(`"${text.slice(0, 40)}" is no hex`)
  return hexToBytes(`0x${bare}`)
}

export function address(text: string): Address {
  return fixed(text, 20)
}

export function word(text: string): Hex {
  return fixed(text, 32)
}

export function wordOf(value: bigint): Hex {
  return `0x${value.toString(16).padStart(64, '0')}`
}

function fixed(text: string, length: number): Hex {
  const digits = text
    .replace(/^0x/, '')
    .toLowerCase()
    .padStart(length * 2, '0')
  if (digits.length !== length * 2 || !/^[0-9a-f]*$/.test(digits))
    throw new FixtureError(`"${text}" does not fit ${length} bytes`)
  return `0x${digits}`
}

/** Thrown when a fixture is not what its shape promises. */
export class FixtureError extends Error {
  override readonly name = 'Conformance.FixtureError'
}
