import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Address, concatBytes, hexToBytes } from '@enigma/protocol'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { numberToBytesBE } from '@noble/curves/utils.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { answerOf, at } from '../testing/precompile-answers.ts'
import { referencePrecompiles } from '../testing/reference-precompiles.ts'
import { g1Bytes, g2Bytes } from './bls12-381-codec.ts'
import { wordBytes } from './input.ts'

const folder = process.env.ENIGMA_VECTORS ?? fileURLToPath(new URL('../../../../../shared/vectors', import.meta.url))
const vectors = `${folder}/evm/precompiles/eip-2537`
const files = existsSync(vectors) ? readdirSync(vectors) : []

const [G1_ADD, G1_MSM, G2_ADD, G2_MSM, PAIRING] = [at(0x0b), at(0x0c), at(0x0d), at(0x0e), at(0x0f)]
const [MAP_G1, MAP_G2] = [at(0x10), at(0x11)]
/** What the files' names begin with, once `fail-` is off. */
const ADDRESSES: Readonly<Record<string, Address>> = {
  add_G1: G1_ADD,
  mul_G1: G1_MSM,
  msm_G1: G1_MSM,
  add_G2: G2_ADD,
  mul_G2: G2_MSM,
  msm_G2: G2_MSM,
  pairing_check: PAIRING,
  map_fp_to_G1: MAP_G1,
  map_fp2_to_G2: MAP_G2,
}

type Case = { Name: string; Input: string; Expected?: string; ExpectedError?: string; Gas?: number }

if (files.length === 0)
  test.skip(`vectors of EIP-2537 belong in ENIGMA_VECTORS/evm/precompiles/eip-2537, not ${vectors}`, () => {})

describe.each(files)('S18: %s', (file) => {
  const address = ADDRESSES[file.replace('fail-', '').replace('_bls.json', '')] as Address
  const cases = JSON.parse(readFileSync(`${vectors}/${file}`, 'utf8')) as Case[]

  test.each(cases)('$Name', ({ Input, Expected, Gas }) => {
    const answer = answerOf(address, 'osaka', hexToBytes(`0x${Input}`))
    if (Expected === undefined) expect(answer).toEqual({ output: null })
    else expect(answer).toEqual({ output: hexToBytes(`0x${Expected}`), gas: BigInt(Gas as number) })
  })
})

const { Fp, Fp2, Fr } = bls12_381.fields
const G1 = bls12_381.G1.Point
const G2 = bls12_381.G2.Point
const g1 = (multiple: bigint) => g1Bytes(G1.BASE.multiplyUnsafe(Fr.create(multiple)))
const g2 = (multiple: bigint) => g2Bytes(G2.BASE.multiplyUnsafe(Fr.create(multiple)))
const anyScalar = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n })

/** On the curve, and not of the group's order. */
const STRAY_G1 = g1Bytes(G1.fromAffine({ x: 0n, y: 2n }))
const STRAY_G2 = g2Bytes(strayG2())
function strayG2() {
  for (let real = 1n; ; real++) {
    const x = Fp2.fromBigTuple([real, 0n])
    const square = Fp2.add(Fp2.mul(Fp2.sqr(x), x), G2.CURVE().b)
    if (Fp2.eql(Fp2.pow(square, (Fp2.ORDER - 1n) / 2n), Fp2.ONE)) return G2.fromAffine({ x, y: Fp2.sqrt(square) })
  }
}

describe('a sum', () => {
  test('of points that are not of the group’s order is the reference’s', async () => {
    const { call } = await referencePrecompiles('osaka')
    for (const [address, input] of [
      [G1_ADD, concatBytes(STRAY_G1, STRAY_G1)],
      [G1_ADD, concatBytes(STRAY_G1, g1(5n))],
      [G2_ADD, concatBytes(STRAY_G2, g2(5n))],
      [G2_ADD, concatBytes(g2(5n), STRAY_G2)],
    ] as const)
      expect(answerOf(address, 'osaka', input)).toEqual(await call(address, input))
  })

  test('refuses a coordinate of the modulus and above, and bytes in its padding', () => {
    for (const wrong of [Fp.ORDER, Fp.ORDER + 1n, 2n ** 384n, 2n ** 511n]) {
      const input = concatBytes(numberToBytesBE(wrong, 64), numberToBytesBE(2n, 64), g1(1n))
      expect(answerOf(G1_ADD, 'osaka', input)).toEqual({ output: null })
    }
  })
})

describe('a sum of multiples', () => {
  test('is the multiple of the generator that it should be, for as many terms as take several passes', () => {
    for (const count of [1, 2, 127, 128, 129]) {
      const terms = Array.from({ length: count }, (_, i) => ({
        point: BigInt(i * i),
        scalar: 2n ** 255n + BigInt(7 * i),
      }))
      const input = concatBytes(...terms.flatMap(({ point, scalar }) => [g1(point), wordBytes(scalar)]))
      const sum = terms.reduce((sum, { point, scalar }) => sum + point * scalar, 0n)
      expect([count, answerOf(G1_MSM, 'osaka', input).output]).toEqual([count, g1(sum)])
    }
  })

  test('takes any scalar modulo the group’s order, over the second group too', () => {
    fc.assert(
      fc.property(anyScalar, anyScalar, (a, b) => {
        const input = concatBytes(g2(3n), wordBytes(a), g2(5n), wordBytes(b))
        expect(answerOf(G2_MSM, 'osaka', input).output).toEqual(g2(3n * a + 5n * b))
      }),
      {
        numRuns: 5,
        examples: [
          [0n, Fr.ORDER],
          [Fr.ORDER - 1n, 2n ** 256n - 1n],
        ],
      },
    )
  })

  test('costs what the reference asks, for every number of terms', async () => {
    const { call } = await referencePrecompiles('osaka')
    for (const [address, bytes] of [
      [G1_MSM, 160],
      [G2_MSM, 288],
    ] as const)
      for (const terms of [1, 2, 3, 5, 16, 17, 77, 127, 128, 129, 140]) {
        const infinity = new Uint8Array(terms * bytes)
        expect(answerOf(address, 'osaka', infinity)).toEqual(await call(address, infinity))
      }
  })

  test('refuses a point that is on the curve only, wherever it stands', () => {
    const [one, other] = [concatBytes(g1(1n), wordBytes(1n)), concatBytes(g2(1n), wordBytes(1n))]
    for (const scalar of [0n, 1n]) {
      const stray1 = concatBytes(STRAY_G1, wordBytes(scalar))
      const stray2 = concatBytes(STRAY_G2, wordBytes(scalar))
      for (const input of [stray1, concatBytes(one, stray1)])
        expect(answerOf(G1_MSM, 'osaka', input)).toEqual({ output: null })
      for (const input of [stray2, concatBytes(other, stray2)])
        expect(answerOf(G2_MSM, 'osaka', input)).toEqual({ output: null })
    }
  })
})

describe('a pairing', () => {
  const pair = (a: bigint, b: bigint) => concatBytes(g1(a), g2(b))

  test('holds where the products of the multiples add up to nothing, for more pairs than are held at once', () => {
    for (const count of [1, 15, 16, 17]) {
      const products = Array.from({ length: count }, (_, i) => pair(BigInt(i), BigInt(i + 3)))
      const sum = Array.from({ length: count }, (_, i) => BigInt(i * (i + 3))).reduce((a, b) => a + b)
      const right = concatBytes(...products, pair(-sum, 1n))
      const wrong = concatBytes(...products, pair(1n - sum, 1n))
      expect(answerOf(PAIRING, 'osaka', right).output).toEqual(wordBytes(1n))
      expect(answerOf(PAIRING, 'osaka', wrong).output).toEqual(wordBytes(0n))
    }
  })

  test('refuses a point that is on the curve only, even beside infinity', () => {
    expect(answerOf(PAIRING, 'osaka', concatBytes(STRAY_G1, g2(0n)))).toEqual({ output: null })
    expect(answerOf(PAIRING, 'osaka', concatBytes(g1(0n), STRAY_G2))).toEqual({ output: null })
  })
})

test('a map’s point is of the group’s order, and infinity where the map has no other', async () => {
  const { call } = await referencePrecompiles('osaka')
  for (const value of [0n, 1n, Fp.ORDER - 1n]) {
    const field = numberToBytesBE(value, 64)
    for (const [address, input] of [
      [MAP_G1, field],
      [MAP_G2, concatBytes(field, field)],
    ] as const)
      expect(answerOf(address, 'osaka', input)).toEqual(await call(address, input))
  }
})
