/** Vector files of EIPs for precompiles: lists of an input with its output and price, or with the refusal of it. */
import { type Address, bytesToHex } from '@enigma/protocol'
import { precompileAt } from '../src/precompiles/index.ts'
import { bytes } from './values.ts'
import { type Case, failed, PASSED, skipped, type Verdict } from './verdict.ts'

export type PrecompileVector = { Name: string; Input: string; Expected?: string; Gas?: number; ExpectedError?: string }

/**
 * Whose vectors they are stands in names only: of the vectors, else of their file or folder, as every client's tests
 * read them. EIP-2537 has no addresses for single multiplications: they are sums of one.
 */
const PRECOMPILES: readonly [RegExp, number][] = [
  [/bls_?g1add|add_g1_bls/, 0x0b],
  [/bls_?g1(mul|msm|multiexp)|(mul|msm|multiexp)_g1_bls/, 0x0c],
  [/bls_?g2add|add_g2_bls/, 0x0d],
  [/bls_?g2(mul|msm|multiexp)|(mul|msm|multiexp)_g2_bls/, 0x0e],
  [/bls_?pairing|pairing(_check)?_bls/, 0x0f],
  [/bls_?(g1map|mapg1)|map_fp_to_g1_bls/, 0x10],
  [/bls_?(g2map|mapg2)|map_fp2_to_g2_bls/, 0x11],
  [/p256_?verify|eip-7951|secp256r1/, 0x100],
  [/point_?evaluation|eip-4844/, 0x0a],
  [/blake2f|eip-152/, 0x09],
  [/bn(254|256)_?add/, 0x06],
  [/bn(254|256)_?(scalar)?mul/, 0x07],
  [/bn(254|256)_?pairing/, 0x08],
  [/modexp/, 0x05],
  [/ecrecover/, 0x01],
]

export function isPrecompileVectors(value: unknown): value is PrecompileVector[] {
  const isVector = (item: unknown) =>
    typeof item === 'object' && item !== null && 'Input' in item && ('Expected' in item || 'ExpectedError' in item)
  return Array.isArray(value) && value.length > 0 && value.every(isVector)
}

export function precompileCases(file: string, vectors: readonly PrecompileVector[]): Case[] {
  const address = precompileOf(vectors.map(({ Name }) => Name)) ?? precompileOf(file.split('/').slice(-2).reverse())
  if (address === undefined)
    return vectors.map(({ Name }) => ({ name: Name, run: () => skipped('vectors of a precompile that nothing names') }))
  return vectors.map((vector, i) => ({ name: `${vector.Name || i}`, run: () => runVector(address, vector) }))
}

/** The precompile that the first telling one of `names` tells. */
function precompileOf(names: readonly string[]): Address | undefined {
  for (const name of names) {
    const number = PRECOMPILES.find(([pattern]) => pattern.test(name.toLowerCase()))?.[1]
    if (number !== undefined) return `0x${number.toString(16).padStart(40, '0')}`
  }
  return undefined
}

function runVector(address: Address, { Input, Expected, Gas, ExpectedError }: PrecompileVector): Verdict {
  const precompile = precompileAt(address, 'osaka')
  if (!precompile) return failed(`no precompile at ${address}`)
  const input = bytes(Input)
  const price = precompile.gas(input)
  const output = precompile.run(input)
  if (ExpectedError !== undefined) return output === null ? PASSED : failed(`answered, though "${ExpectedError}"`)
  if (output === null) return failed('refused')
  const expected = bytesToHex(bytes(Expected ?? ''))
  if (bytesToHex(output) !== expected) return failed(`output ${bytesToHex(output)}, expected ${expected}`)
  if (Gas !== undefined && price !== BigInt(Gas)) return failed(`price ${price}, expected ${Gas}`)
  return PASSED
}
