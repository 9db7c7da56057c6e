import { concatBytes } from '@enigma/protocol'
import { bn254 } from '@noble/curves/bn254.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { answerOf, at } from '../testing/precompile-answers.ts'
import { referencePrecompiles } from '../testing/reference-precompiles.ts'
import { wordBytes } from './input.ts'

const [ADD, MUL, PAIRING] = [at(0x06), at(0x07), at(0x08)]
const { Fp, Fp2, Fr } = bn254.fields
const G2 = bn254.G2.Point
const anyWord = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
  fc.constantFrom(0n, 1n, 2n, Fp.ORDER - 1n, Fp.ORDER, Fp.ORDER + 1n, Fr.ORDER, 2n ** 256n - 1n),
)

const g1 = (multiple: bigint) => {
  const { x, y } = bn254.G1.Point.BASE.multiplyUnsafe(Fr.create(multiple)).toAffine()
  return concatBytes(wordBytes(x), wordBytes(y))
}
const g2 = (multiple: bigint) => g2Bytes(G2.BASE.multiplyUnsafe(Fr.create(multiple)).toAffine())
function g2Bytes({ x, y }: { x: typeof Fp2.ONE; y: typeof Fp2.ONE }): Uint8Array {
  return concatBytes(...[x.c1, x.c0, y.c1, y.c0].map(wordBytes))
}

const anyPoint = fc.oneof(
  fc.bigInt({ min: 0n, max: Fr.ORDER }).map(g1),
  fc.tuple(anyWord, anyWord).map(([x, y]) => concatBytes(wordBytes(x), wordBytes(y))),
)

test('S18: a sum and a multiple of anything, cut anywhere, is the reference’s', async () => {
  const { call } = await referencePrecompiles('osaka')
  await fc.assert(
    fc.asyncProperty(anyPoint, anyPoint, anyWord, fc.nat(140), async (a, b, scalar, length) => {
      const sum = concatBytes(a, b).subarray(0, length)
      const multiple = concatBytes(a, wordBytes(scalar)).subarray(0, length)
      expect(answerOf(ADD, 'osaka', sum)).toEqual(await call(ADD, sum))
      expect(answerOf(MUL, 'osaka', multiple)).toEqual(await call(MUL, multiple))
    }),
    { numRuns: 60 },
  )
})

test('a sum is that of the multiples, and ignores what follows its input', () => {
  const input = concatBytes(g1(3n), g1(4n), new Uint8Array(9).fill(7))
  expect(answerOf(ADD, 'osaka', input)).toEqual({ output: g1(7n), gas: 150n })
  expect(answerOf(ADD, 'osaka', concatBytes(g1(3n), g1(-3n)))).toEqual({ output: new Uint8Array(64), gas: 150n })
})

describe('a pairing', () => {
  const pair = (a: bigint, b: bigint) => concatBytes(g1(a), g2(b))

  test('holds where the products of the multiples add up to nothing, for more pairs than are held at once', () => {
    expect(answerOf(PAIRING, 'osaka', new Uint8Array())).toEqual({ output: wordBytes(1n), gas: 45_000n })
    for (const count of [1, 16, 17]) {
      const pairs = Array.from({ length: count }, (_, i) => pair(BigInt(i), 2n))
      const sum = BigInt(count * (count - 1))
      const gas = 45_000n + 34_000n * BigInt(count + 1)
      const right = concatBytes(...pairs, pair(-sum, 1n))
      expect(answerOf(PAIRING, 'osaka', right)).toEqual({ output: wordBytes(1n), gas })
      const wrong = concatBytes(...pairs, pair(1n - sum, 1n))
      expect(answerOf(PAIRING, 'osaka', wrong)).toEqual({ output: wordBytes(0n), gas })
    }
  })

  test('refuses a length that is not a number of pairs, and points off the curve or out of the group, even beside infinity', () => {
    const offCurve = concatBytes(wordBytes(1n), wordBytes(1n))
    const stray = g2Bytes(strayG2())
    for (const input of [
      pair(1n, 1n).subarray(1),
      concatBytes(pair(1n, 1n), new Uint8Array(1)),
      concatBytes(offCurve, g2(0n)),
      concatBytes(g1(0n), stray),
      concatBytes(g1(1n), stray),
      concatBytes(g1(0n), wordBytes(Fp.ORDER), wordBytes(0n), wordBytes(0n), wordBytes(0n)),
    ])
      expect(answerOf(PAIRING, 'osaka', input)).toEqual({ output: null })
  })
})

/** On the curve, and not of the group's order. */
function strayG2() {
  for (let real = 1n; ; real++) {
    const x = Fp2.fromBigTuple([real, 0n])
    const square = Fp2.add(Fp2.mul(Fp2.sqr(x), x), G2.CURVE().b)
    if (Fp2.eql(Fp2.pow(square, (Fp2.ORDER - 1n) / 2n), Fp2.ONE)) return { x, y: Fp2.sqrt(square) }
  }
}
