import type { Hex } from '@enigma/protocol'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { type AbiValue, decodeValue, encodeValue, parametersOf } from './abi-value.ts'

const WINNER = '0x00000000000000000000000000000000000000AA'

describe('a value of an ABI type', () => {
  test.each([
    ['uint256', 7n],
    ['uint256 price, address winner', [7n, WINNER]],
    ['string', 'seven'],
    ['uint8[] votes', [1, 2]],
    ['(uint256 price, address winner)', { price: 7n, winner: WINNER }],
    [true, '0x0102'],
  ] as const)('%s comes back as it went in', (type, value) => {
    expect(decodeValue(type, encodeValue(type, value))).toEqual(value)
  })

  test('one parameter is its value, several are a list, `true` is hex', () => {
    expectTypeOf<AbiValue<'uint256'>>().toEqualTypeOf<bigint>()
    expectTypeOf<AbiValue<'uint256 price, address winner'>>().toEqualTypeOf<readonly [bigint, Hex]>()
    expectTypeOf<AbiValue<'(uint256 price, bool won)'>>().toEqualTypeOf<{ price: bigint; won: boolean }>()
    expectTypeOf<AbiValue<true>>().toEqualTypeOf<Hex>()
    expectTypeOf<AbiValue<string>>().toEqualTypeOf<unknown>()
  })

  test.each(['', 'uint257x', 'uint256,,address'])('refuses "%s", which is no list of ABI parameters', (type) => {
    expect(() => parametersOf(type)).toThrow(expect.objectContaining({ code: 'ABI_TYPE' }))
  })
})
