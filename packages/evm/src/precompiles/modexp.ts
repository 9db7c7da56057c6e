/**
 * base^exponent mod modulus (EIP-198), at the price of EIP-2565, or of EIP-7883 within EIP-7823's bounds.
 *
 * Three lengths come first, a word each, and may be anything: the price is known without looking at what they promise.
 */
import { bytesToBigInt } from '@enigma/protocol'
import { numberToBytesBE } from '@noble/curves/utils.js'
import type { Precompile } from '../types.ts'
import { bytesAt, wordAt } from './input.ts'

const LENGTHS_BYTES = 96
/** Up to here the exponent is paid for by the bit, beyond by the byte. */
const HEAD_BYTES = 32n

type Lengths = { base: bigint; exponent: bigint; modulus: bigint; longer: bigint }

/** Cancun and Prague. There is no bound in the rules; a number of 32 MiB would cost 2^42 gas, which nobody has. */
export const modexp: Precompile = {
  gas: (input) =>
    gasOf(input, { byteOfExponent: 8n, product: (longer) => words(longer) ** 2n, divisor: 3n, least: 200n }),
  run: (input) => answer(input, ({ longer }) => longer <= 1n << 25n),
}

/** From Osaka on. */
export const modexpOsaka: Precompile = {
  gas: (input) => gasOf(input, { byteOfExponent: 16n, product: osakaProduct, divisor: 1n, least: 500n }),
  run: (input) => answer(input, ({ longer, exponent }) => longer <= 1_024n && exponent <= 1_024n),
}

const words = (bytes: bigint) => (bytes + 7n) / 8n
const osakaProduct = (longer: bigint) => (longer <= 32n ? 16n : 2n * words(longer) ** 2n)

type Prices = { byteOfExponent: bigint; product: (longer: bigint) => bigint; divisor: bigint; least: bigint }

function gasOf(input: Uint8Array, { byteOfExponent, product, divisor, least }: Prices): bigint {
  const { base, exponent, longer } = lengthsOf(input)
  const beyond = exponent > HEAD_BYTES ? exponent - HEAD_BYTES : 0n
  const head = bytesToBigInt(bytesAt(input, LENGTHS_BYTES + Number(base), Number(exponent - beyond)))
  const products = beyond * byteOfExponent + (head === 0n ? 0n : BigInt(head.toString(2).length - 1))
  const gas = (product(longer) * (products === 0n ? 1n : products)) / divisor
  return gas > least ? gas : least
}

function answer(input: Uint8Array, isAllowed: (lengths: Lengths) => boolean): Uint8Array | null {
  const lengths = lengthsOf(input)
  if (!isAllowed(lengths)) return null
  const [baseBytes, exponentBytes, modulusBytes] = [
    Number(lengths.base),
    Number(lengths.exponent),
    Number(lengths.modulus),
  ]
  const exponentAt = LENGTHS_BYTES + baseBytes
  const modulusAt = exponentAt + exponentBytes
  const modulus = bytesToBigInt(bytesAt(input, modulusAt, modulusBytes))
  // Also the modulus without bytes: then any exponent's length has cost nothing, and may be 2^256.
  if (modulus <= 1n) return new Uint8Array(modulusBytes)
  // The modulus is not zero, so the input reaches at least to it: base and exponent are there in full.
  const base = bytesToBigInt(input.subarray(LENGTHS_BYTES, exponentAt))
  return numberToBytesBE(power(base % modulus, input.subarray(exponentAt, modulusAt), modulus), modulusBytes)
}

function lengthsOf(input: Uint8Array): Lengths {
  const [base, exponent, modulus] = [wordAt(input, 0), wordAt(input, 32), wordAt(input, 64)]
  return { base, exponent, modulus, longer: base > modulus ? base : modulus }
}

function power(base: bigint, exponent: Uint8Array, modulus: bigint): bigint {
  let result = 1n
  for (const byte of exponent)
    for (let bit = 0x80; bit > 0; bit >>= 1) {
      result = (result * result) % modulus
      if (byte & bit) result = (result * base) % modulus
    }
  return result
}
