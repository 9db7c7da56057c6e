import { expect, test } from 'vitest'
import { gasLimitOf } from './limits.ts'

test('gasLimitOf doubles with each class, from 2^16 to 2^28', () => {
  expect(gasLimitOf(0)).toBe(65_536n)
  expect(gasLimitOf(8)).toBe(16_777_216n)
  expect(gasLimitOf(12)).toBe(2n ** 28n)
})

test.each([-1, 13, 1.5, Number.NaN])('gasLimitOf refuses class %s', (gasClass) => {
  expect(() => gasLimitOf(gasClass)).toThrow(expect.objectContaining({ code: 'INVALID_GAS_CLASS' }))
})
