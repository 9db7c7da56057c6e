/** Which precompiled contract stands at an address, by the rules of a fork? */
import type { Address } from '@enigma/protocol'
import type { Fork, Precompile } from '../types.ts'
import { blake2f } from './blake2f.ts'
import { blsPairing, g1Add, g2Add, mapToG1, mapToG2 } from './bls12-381.ts'
import { g1Msm, g2Msm } from './bls12-381-msm.ts'
import { bn254Add, bn254Mul, bn254Pairing } from './bn254.ts'
import { ecrecover, p256Verify } from './ecdsa.ts'
import { identity, ripemd160, sha256 } from './hashes.ts'
import { kzgPointEvaluation } from './kzg.ts'
import { modexp, modexpOsaka } from './modexp.ts'

const CANCUN = new Map<Address, Precompile>([
  [address(0x01), ecrecover],
  [address(0x02), sha256],
  [address(0x03), ripemd160],
  [address(0x04), identity],
  [address(0x05), modexp],
  [address(0x06), bn254Add],
  [address(0x07), bn254Mul],
  [address(0x08), bn254Pairing],
  [address(0x09), blake2f],
  [address(0x0a), kzgPointEvaluation],
])

const PRAGUE = new Map([
  ...CANCUN,
  [address(0x0b), g1Add],
  [address(0x0c), g1Msm],
  [address(0x0d), g2Add],
  [address(0x0e), g2Msm],
  [address(0x0f), blsPairing],
  [address(0x10), mapToG1],
  [address(0x11), mapToG2],
])

const OSAKA = new Map([...PRAGUE, [address(0x05), modexpOsaka], [address(0x100), p256Verify]])

const BY_FORK: Readonly<Record<Fork, ReadonlyMap<Address, Precompile>>> = {
  cancun: CANCUN,
  prague: PRAGUE,
  osaka: OSAKA,
}

export function precompileAt(address: Address, fork: Fork): Precompile | undefined {
  return BY_FORK[fork].get(address)
}

function address(number: number): Address {
  return `0x${number.toString(16).padStart(40, '0')}`
}
