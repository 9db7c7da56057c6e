/** The assembly's arithmetic against BigInt, operand by operand. */
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildEvm } from '../../../tools/build-evm.ts'

type Name = 'multiply' | 'divide' | 'remainder' | 'signedDivide' | 'signedRemainder' | 'power'
type Pointers = (...pointers: number[]) => void
type Exports = Record<Name | 'addMod' | 'mulMod' | 'signExtend' | 'loadBigEndian', Pointers> &
  Record<'isZero' | 'lessThan' | 'signedLessThan' | 'equal', (...pointers: number[]) => number> &
  Record<'shiftLeft' | 'shiftRight' | 'shiftRightSigned', (pointer: number, bits: bigint) => void> & {
    leadingZeros(pointer: number): bigint
    memory: WebAssembly.Memory
  }

/** Behind the module's own data. */
const [A, B, C, RESULT] = [0x8000, 0x8020, 0x8040, 0x8060] as const
const RUNS = { numRuns: 1_500 }

let wasm: Exports
let memory: DataView

beforeAll(async () => {
  const bytes = await buildEvm('packages/evm/assembly/testing/entry.ts')
  wasm = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(bytes))).exports as Exports
  if (wasm.memory.buffer.byteLength < 0x10000) wasm.memory.grow(1)
  memory = new DataView(wasm.memory.buffer)
})

function put(pointer: number, word: bigint): void {
  for (let limb = 0; limb < 4; limb++)
    memory.setBigUint64(pointer + 8 * limb, BigInt.asUintN(64, word >> BigInt(64 * limb)), true)
}

function get(pointer: number): bigint {
  return [3, 2, 1, 0].reduce((word, limb) => (word << 64n) | memory.getBigUint64(pointer + 8 * limb, true), 0n)
}

const signed = (word: bigint) => BigInt.asIntN(256, word)
const unsigned = (number: bigint) => BigInt.asUintN(256, number)

/** Limbs at and beside the borders, where carries and trial quotients go wrong, as often as random ones. */
const limb = fc.oneof(
  fc.constantFrom(0n, 1n, 2n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 2n, 2n ** 64n - 1n),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
)
const full = fc
  .array(limb, { minLength: 4, maxLength: 4 })
  .map((limbs) => limbs.reduce((word, part) => (word << 64n) | part, 0n))
const word = fc
  .tuple(full, fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 255n })))
  .map(([value, bits]) => value >> bits)
/** A dividend beside a multiple of its divisor, and the divisor. */
const division = fc.oneof(
  // After a first digit of the quotient one less than the divisor is left: the next digit is as great as it can be.
  fc.tuple(full, limb, limb, fc.bigInt({ min: 1n, max: 3n })).map(([value, digit, low, off]) => {
    const by = value >> 100n
    return [unsigned((((digit >> 36n) + 1n) * by - off) * 2n ** 64n + low), by] as const
  }),
  fc.tuple(word, word),
  fc
    .tuple(word, word, fc.bigInt({ min: -2n, max: 2n }))
    .map(([quotient, by, off]) => [unsigned(quotient * by + off), by] as const),
)

const REFERENCE: Record<Name, (a: bigint, b: bigint) => bigint> = {
  multiply: (a, b) => unsigned(a * b),
  divide: (a, b) => (b === 0n ? 0n : a / b),
  remainder: (a, b) => (b === 0n ? 0n : a % b),
  signedDivide: (a, b) => (b === 0n ? 0n : unsigned(signed(a) / signed(b))),
  signedRemainder: (a, b) => (b === 0n ? 0n : unsigned(signed(a) % signed(b))),
  power: (a, b) => {
    let result = 1n
    for (let bit = 255n; bit >= 0n; bit--) {
      result = unsigned(result * result)
      if ((b >> bit) & 1n) result = unsigned(result * a)
    }
    return result
  },
}

function check(name: Name, a: bigint, b: bigint): void {
  for (const to of [RESULT, A, B]) {
    put(A, a)
    put(B, b)
    wasm[name](A, B, to)
    expect([name, a, b, get(to)]).toEqual([name, a, b, REFERENCE[name](a, b)])
  }
}

function checkModulo(name: 'addMod' | 'mulMod', a: bigint, b: bigint, modulus: bigint): void {
  const whole = name === 'addMod' ? a + b : a * b
  for (const to of [RESULT, A, B, C]) {
    put(A, a)
    put(B, b)
    put(C, modulus)
    wasm[name](A, B, C, to)
    expect([name, a, b, modulus, get(to)]).toEqual([name, a, b, modulus, modulus === 0n ? 0n : whole % modulus])
  }
}

describe('of two words', () => {
  for (const name of ['multiply', 'divide', 'remainder', 'signedDivide', 'signedRemainder'] as const)
    test(`${name} gives what BigInt gives, wherever the result goes`, () => {
      fc.assert(
        fc.property(division, ([a, b]) => check(name, a, b)),
        RUNS,
      )
    })

  test('power gives what BigInt gives', () => {
    fc.assert(
      fc.property(word, word, (a, b) => check('power', a, b)),
      { numRuns: 300 },
    )
    for (const base of [0n, 1n, 2n, 4n, 10n, 2n ** 63n, 2n ** 64n, 2n ** 255n])
      for (const exponent of [0n, 1n, 2n, 18n, 63n, 64n, 127n, 128n, 255n, 256n, 257n, 2n ** 64n, 2n ** 256n - 1n])
        check('power', base, exponent)
  })

  test('the smallest number divided by -1 is itself', () => check('signedDivide', 2n ** 255n, 2n ** 256n - 1n))
})

describe('modulo', () => {
  test('addMod keeps the carry', () => {
    fc.assert(
      fc.property(word, word, word, (a, b, modulus) => checkModulo('addMod', a, b, modulus)),
      RUNS,
    )
    checkModulo('addMod', 2n ** 256n - 1n, 2n ** 256n - 1n, 2n ** 256n - 1n)
    checkModulo('addMod', 2n ** 256n - 2n, 2n ** 256n - 2n, 2n ** 256n - 1n)
  })

  test('mulMod keeps all 512 bits', () => {
    fc.assert(
      fc.property(word, word, word, (a, b, modulus) => checkModulo('mulMod', a, b, modulus)),
      RUNS,
    )
  })

  test('mulMod a digit below the modulus', () => {
    fc.assert(
      fc.property(word, limb, fc.bigInt({ min: 1n, max: 3n }), (modulus, low, off) => {
        checkModulo('mulMod', unsigned(modulus - off), 2n ** 64n + low, modulus)
        checkModulo('mulMod', unsigned(modulus - off), 2n ** 64n, modulus)
      }),
      RUNS,
    )
  })

  test('mulMod beside multiples of the modulus', () => {
    const beside = fc.tuple(word, fc.bigInt({ min: -2n, max: 2n }))
    fc.assert(
      fc.property(beside, word, word, ([quotient, off], a, modulus) => {
        checkModulo('mulMod', unsigned(quotient * modulus + off), a, modulus)
      }),
      RUNS,
    )
  })
})

describe('bits', () => {
  const shift = fc.oneof(fc.bigInt({ min: 0n, max: 260n }), limb)

  test('shifts give what BigInt gives, of 256 bits and more too', () => {
    fc.assert(
      fc.property(word, shift, (value, bits) => {
        const all = bits > 256n ? 256n : bits
        const expected = {
          shiftLeft: unsigned(value << all),
          shiftRight: value >> all,
          shiftRightSigned: unsigned(signed(value) >> all),
        }
        for (const name of ['shiftLeft', 'shiftRight', 'shiftRightSigned'] as const) {
          put(A, value)
          wasm[name](A, bits)
          expect([name, value, bits, get(A)]).toEqual([name, value, bits, expected[name]])
        }
      }),
      RUNS,
    )
  })

  test('signExtend extends from bytes 0 to 30 and leaves the word alone beyond', () => {
    fc.assert(
      fc.property(word, fc.oneof(fc.bigInt({ min: 0n, max: 33n }), word), (value, index) => {
        put(A, index)
        put(B, value)
        wasm.signExtend(A, B)
        const expected = index > 30n ? value : unsigned(BigInt.asIntN(Number(8n * index + 8n), value))
        expect([value, index, get(B)]).toEqual([value, index, expected])
      }),
      RUNS,
    )
  })

  test('leadingZeros counts 256 of zero', () => {
    for (let bits = 0; bits <= 256; bits++) {
      put(A, 2n ** BigInt(bits) - 1n)
      expect(Number(wasm.leadingZeros(A))).toBe(256 - bits)
    }
  })

  test('loadBigEndian turns all 32 bytes round', () => {
    put(A, 0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1fn)
    wasm.loadBigEndian(RESULT, A)
    expect(get(RESULT)).toBe(0x1f1e1d1c1b1a191817161514131211100f0e0d0c0b0a09080706050403020100n)
  })
})

test('words compare as numbers, signed and unsigned', () => {
  const pair = fc.oneof(
    fc.tuple(word, word),
    fc.tuple(word, fc.bigInt({ min: -1n, max: 1n })).map(([a, off]) => [a, unsigned(a + off)] as const),
  )
  fc.assert(
    fc.property(pair, ([a, b]) => {
      put(A, a)
      put(B, b)
      const found = [wasm.lessThan(A, B), wasm.signedLessThan(A, B), wasm.equal(A, B), wasm.isZero(A)].map(Boolean)
      expect([a, b, found]).toEqual([a, b, [a < b, signed(a) < signed(b), a === b, a === 0n]])
    }),
    RUNS,
  )
})
