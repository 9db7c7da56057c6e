/**
 * The part of Solidity's ABI that the protocol hashes and authenticates: static words, `bytes` and `address[]`.
 *
 * Own code because Core and the client's hot path need these few shapes only, and because reading must be strict:
 * a decoder that accepts two encodings of one message would let two readers of the same bytes disagree.
 */
import {
  type Address,
  bytesToBigInt,
  bytesToHex,
  concatBytes,
  equalBytes,
  type Hex,
  hexToBytes,
  parseHex,
} from './bytes.ts'
import { EnigmaError } from './errors.ts'
import { uint } from './word.ts'

/** A static value is its word; a dynamic one stands behind all words, its offset in its place. */
export type AbiValue = { readonly word: Uint8Array } | { readonly tail: Uint8Array }

/** `abi.encode(...)` of these values. */
export function abiEncode(...values: readonly AbiValue[]): Uint8Array {
  let offset = values.length * 32
  const words: Uint8Array[] = []
  const tails: Uint8Array[] = []
  for (const value of values) {
    if ('word' in value) {
      words.push(value.word)
    } else {
      words.push(abiUint(offset).word)
      tails.push(value.tail)
      offset += value.tail.length
    }
  }
  return concatBytes(...words, ...tails)
}

export function abiUint(value: bigint | number, bits = 256): { word: Uint8Array } {
  return { word: hexToBytes(`0x${uint(value, bits, `uint${bits}`).toString(16).padStart(64, '0')}`) }
}

export function abiBool(value: boolean): { word: Uint8Array } {
  return abiUint(value ? 1 : 0)
}

export function abiAddress(value: Address): { word: Uint8Array } {
  const word = new Uint8Array(32)
  word.set(hexToBytes(parseHex(value, { bytes: 20, what: 'address' })), 12)
  return { word }
}

/** `bytes1` to `bytes32`: flush left in its word. */
export function abiFixedBytes(value: Hex, length = 32): { word: Uint8Array } {
  const word = new Uint8Array(32)
  word.set(hexToBytes(parseHex(value, { bytes: length, what: `bytes${length}` })))
  return { word }
}

export function abiBytes(value: Uint8Array): { tail: Uint8Array } {
  return { tail: concatBytes(abiUint(value.length).word, value, new Uint8Array(-value.length & 31)) }
}

export function abiAddresses(values: readonly Address[]): { tail: Uint8Array } {
  return { tail: concatBytes(abiUint(values.length).word, ...values.map((value) => abiAddress(value).word)) }
}

/** `bytes32[]` */
export function abiFixedWords(values: readonly Hex[]): { tail: Uint8Array } {
  return { tail: concatBytes(abiUint(values.length).word, ...values.map((value) => abiFixedBytes(value).word)) }
}

/** Reads `abi.encode(bytes32, bytes)`; refuses whatever `abiEncode` would have written otherwise. */
export function parseBytes32AndBytes(encoded: Uint8Array): { first: Hex; second: Uint8Array } {
  if (encoded.length < 96) throw new MalformedAbiError(`${encoded.length} bytes are too few`)
  const first = bytesToHex(encoded.subarray(0, 32))
  const length = bytesToBigInt(encoded.subarray(64, 96))
  const second = encoded.slice(96, 96 + Number(length))
  // One comparison covers the offset, the length, the zeros behind the bytes and the total length.
  if (!equalBytes(encoded, abiEncode(abiFixedBytes(first), abiBytes(second)))) {
    throw new MalformedAbiError('it is not the encoding that Solidity makes')
  }
  return { first, second }
}

/** Thrown for ABI data that is not in its one canonical form. */
export class MalformedAbiError extends EnigmaError {
  override readonly name = 'Abi.MalformedAbiError'
  readonly code = 'MALFORMED_ABI'
  constructor(found: string) {
    super(`This is no abi.encode(bytes32, bytes): ${found}.`, {
      hint: 'Encode it as Solidity does, without anything after it.',
    })
  }
}
