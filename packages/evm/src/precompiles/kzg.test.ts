import { concatBytes } from '@enigma/protocol'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { sha256 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { answerOf, at } from '../testing/precompile-answers.ts'
import { wordBytes } from './input.ts'
import { TAU_G2 } from './kzg.ts'

const KZG = at(0x0a)
const { Fr, Fp12 } = bls12_381.fields
const G1 = bls12_381.G1.Point
const G2 = bls12_381.G2.Point
/** [τ]₁, `g1_monomial[1]` of the same ceremony. */
const TAU_G1 = G1.fromHex(
  'ad3eb50121139aa34db1d545093ac9374ab7bca2c0f3bf28e27c8dcd8fc7cb42d25926fc0c97b336e9f0fb35e5a04c81',
)
const ANSWER = concatBytes(wordBytes(4096n), wordBytes(Fr.ORDER))

/** That the line a + b·x has the value y at z, its own unless another is claimed. */
function claim({ a, b, z, y = a + b * z }: { a: bigint; b: bigint; z: bigint; y?: bigint }) {
  const commitment = G1.BASE.multiplyUnsafe(Fr.create(a))
    .add(TAU_G1.multiplyUnsafe(Fr.create(b)))
    .toBytes()
  // (a + b·x − y) / (x − z) is b.
  const proof = G1.BASE.multiplyUnsafe(Fr.create(b)).toBytes()
  return { z: wordBytes(Fr.create(z)), y: wordBytes(Fr.create(y)), commitment, proof }
}

function ask({ z, y, commitment, proof }: ReturnType<typeof claim>) {
  const versionedHash = concatBytes(Uint8Array.of(1), sha256(commitment).subarray(1))
  return answerOf(KZG, 'osaka', concatBytes(versionedHash, z, y, commitment, proof))
}

const LINE = { a: 11n, b: 5n, z: 3n }

describe('a point evaluation', () => {
  test('rests on one τ: the two of the ceremony’s points are multiples by the same number', () => {
    const [one, other] = [bls12_381.pairing(TAU_G1, G2.BASE), bls12_381.pairing(G1.BASE, G2.fromHex(TAU_G2))]
    expect(Fp12.eql(one, other)).toBe(true)
  })

  test('takes what a line is worth at any point, and nothing else', () => {
    const any = fc.bigInt({ min: 0n, max: Fr.ORDER - 1n })
    fc.assert(
      fc.property(any, any, any, fc.bigInt({ min: 1n, max: Fr.ORDER - 1n }), (a, b, z, error) => {
        expect(ask(claim({ a, b, z }))).toEqual({ output: ANSWER, gas: 50_000n })
        expect(ask(claim({ a, b, z, y: a + b * z + error }))).toEqual({ output: null })
      }),
      { numRuns: 3 },
    )
  })

  test('takes a constant, whose proof is infinity, and the zero polynomial', () => {
    expect(ask(claim({ a: 7n, b: 0n, z: 9n })).output).toEqual(ANSWER)
    expect(ask(claim({ a: 0n, b: 0n, z: 0n })).output).toEqual(ANSWER)
    expect(ask(claim({ a: 0n, b: 0n, z: 0n, y: 1n })).output).toBeNull()
  })

  test('S18: refuses numbers above the order, points that are not one, of no order, or spelled otherwise', () => {
    const right = claim(LINE)
    expect(ask(right).output).toEqual(ANSWER)
    // (0, 2), on the curve and not of the group's order.
    const stray = new Uint8Array(48)
    stray[0] = 0x80
    const uncompressed = right.proof.slice()
    uncompressed[0] = (uncompressed[0] as number) & 0x7f
    for (const wrong of [
      { z: wordBytes(3n + Fr.ORDER) },
      { y: wordBytes(26n + Fr.ORDER) },
      { commitment: stray },
      { proof: stray },
      { proof: uncompressed },
      { proof: new Uint8Array(48) },
      { proof: new Uint8Array(48).fill(0xff) },
      { proof: G1.BASE.toBytes() },
    ])
      expect(ask({ ...right, ...wrong })).toEqual({ output: null })
  })

  test('refuses another length, and another commitment than the one that was hashed', () => {
    const { z, y, commitment, proof } = claim(LINE)
    const hash = concatBytes(Uint8Array.of(1), sha256(commitment).subarray(1))
    const input = concatBytes(hash, z, y, commitment, proof)
    const otherVersion = input.slice()
    otherVersion[0] = 2
    const otherHash = input.slice()
    otherHash[31] = (otherHash[31] as number) ^ 1
    for (const wrong of [input.subarray(1), concatBytes(input, Uint8Array.of(0)), otherVersion, otherHash])
      expect(answerOf(KZG, 'osaka', wrong)).toEqual({ output: null })
  })
})
