import { concatBytes } from '@enigma/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { answerOf, at } from '../testing/precompile-answers.ts'
import { referencePrecompiles } from '../testing/reference-precompiles.ts'
import type { Fork } from '../types.ts'
import { precompileAt } from './index.ts'
import { wordBytes } from './input.ts'

const MODEXP = at(0x05)
const HUGE = 2n ** 256n - 1n

const lengths = (base: bigint, exponent: bigint, modulus: bigint) =>
  concatBytes(wordBytes(base), wordBytes(exponent), wordBytes(modulus))

const anyNumber = fc.oneof(
  fc.uint8Array({ maxLength: 70 }),
  fc.nat(70).map((length) => new Uint8Array(length)),
  fc.nat(70).map((length) => new Uint8Array(length).fill(0xff)),
)

describe.each(['prague', 'osaka'] as const satisfies Fork[])('under the rules of %s', (fork) => {
  test('any power is the reference’s, wherever the input is cut', async () => {
    const { call } = await referencePrecompiles(fork)
    await fc.assert(
      fc.asyncProperty(anyNumber, anyNumber, anyNumber, fc.nat(60), async (base, exponent, modulus, cut) => {
        const whole = [
          lengths(BigInt(base.length), BigInt(exponent.length), BigInt(modulus.length)),
          base,
          exponent,
          modulus,
        ]
        const input = concatBytes(...whole)
        const part = input.subarray(0, input.length - Math.min(cut, input.length))
        for (const bytes of [input, part]) expect(answerOf(MODEXP, fork, bytes)).toEqual(await call(MODEXP, bytes))
      }),
      { numRuns: 150 },
    )
  })

  test('S19: lengths that nothing backs cost nothing to refuse, and are priced beyond any gas', () => {
    const { gas } = precompileAt(MODEXP, fork) ?? {}
    for (const base of [0n, 1n, HUGE])
      for (const exponent of [0n, 1n, HUGE])
        for (const modulus of [1n, HUGE])
          if (base === HUGE || exponent === HUGE || modulus === HUGE)
            expect(gas?.(lengths(base, exponent, modulus))).toBeGreaterThan(2n ** 64n)
  })
})

test('S19: in Cancun an exponent of 2^256 bytes costs nothing where the modulus has none, and answers nothing at once', () => {
  expect(answerOf(MODEXP, 'cancun', lengths(0n, HUGE, 0n))).toEqual({ output: new Uint8Array(), gas: 200n })
  expect(answerOf(MODEXP, 'cancun', lengths(5n, 3n, 0n))).toEqual({ output: new Uint8Array(), gas: 200n })
})

test('S19: from Osaka on no length may be above 1,024 bytes', () => {
  for (const [base, exponent, modulus] of [
    [1_025n, 0n, 0n],
    [0n, 1_025n, 0n],
    [0n, 0n, 1_025n],
    [0n, HUGE, 1n],
  ] as const)
    expect(answerOf(MODEXP, 'osaka', lengths(base, exponent, modulus))).toEqual({ output: null })
  expect(answerOf(MODEXP, 'osaka', lengths(1_024n, 0n, 1_024n)).output).toEqual(new Uint8Array(1_024))
})

test('a modulus of one or none leaves zeros', () => {
  for (const modulus of [0, 1]) {
    const input = concatBytes(lengths(1n, 1n, 2n), Uint8Array.of(3, 2, 0, modulus))
    expect(answerOf(MODEXP, 'osaka', input).output).toEqual(new Uint8Array(2))
  }
})
