/** Point evaluation (EIP-4844): does the polynomial that a commitment stands for have the value y at z? */
import { concatBytes, equalBytes } from '@enigma/protocol'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { sha256 } from '@noble/hashes/sha2.js'
import type { Precompile } from '../types.ts'
import { type G1, type G2, isPairingOne } from './curve.ts'
import { orNull, RefusedInput, wordAt, wordBytes } from './input.ts'

const { Fr } = bls12_381.fields

/**
 * [τ]₂ of Ethereum's KZG ceremony, all of its outcome that a verifier needs: `g2_monomial[1]` in
 * presets/mainnet/trusted_setups/trusted_setup_4096.json of github.com/ethereum/consensus-specs.
 */
export const TAU_G2 =
  'b5bfd7dd8cdeb128843bc287230af38926187075cbfbefa81009a2ce615ac53d2914e5870cb452d2afaaab24f3499f72' +
  '185cbfee53492714734429b7b38608e23926c911cceceac9a36851477ba4c60b087041de621000edc98edada20c1def2'

/** versioned hash (32) · z (32) · y (32) · commitment (48) · proof (48) */
const INPUT_BYTES = 192
const VERSION = 0x01
/** FIELD_ELEMENTS_PER_BLOB and BLS_MODULUS. */
const ANSWER = concatBytes(wordBytes(4_096n), wordBytes(Fr.ORDER))

export const kzgPointEvaluation: Precompile = {
  gas: () => 50_000n,
  run: orNull((input) => {
    if (input.length !== INPUT_BYTES) throw new RefusedInput()
    const commitment = input.slice(96, 144)
    if (!equalBytes(input.subarray(0, 32), versionedHash(commitment))) throw new RefusedInput()
    const [z, y] = [scalarAt(input, 32), scalarAt(input, 64)]
    if (!isValue(decodeG1(commitment), z, y, decodeG1(input.slice(144, 192)))) throw new RefusedInput()
    return ANSWER.slice()
  }),
}

let tau: G2 | undefined

/** e(C − [y]₁ + z·π, −[1]₂) · e(π, [τ]₂) = 1: the EIP's equation, so turned that the second group only has constants. */
function isValue(commitment: G1, z: bigint, y: bigint, proof: G1): boolean {
  tau ??= bls12_381.G2.Point.fromHex(TAU_G2)
  const shifted = commitment.subtract(bls12_381.G1.Point.BASE.multiplyUnsafe(y)).add(proof.multiplyUnsafe(z))
  return isPairingOne(bls12_381, [
    { g1: shifted, g2: bls12_381.G2.Point.BASE.negate() },
    { g1: proof, g2: tau },
  ])
}

function versionedHash(commitment: Uint8Array): Uint8Array {
  const hash = sha256(commitment)
  hash[0] = VERSION
  return hash
}

function scalarAt(input: Uint8Array, at: number): bigint {
  const value = wordAt(input, at)
  if (value >= Fr.ORDER) throw new RefusedInput()
  return value
}

/** Of 48 bytes, so compressed; noble throws for all that is not the one spelling of a point of prime order. */
function decodeG1(bytes: Uint8Array): G1 {
  try {
    return bls12_381.G1.Point.fromBytes(bytes)
  } catch {
    throw new RefusedInput()
  }
}
