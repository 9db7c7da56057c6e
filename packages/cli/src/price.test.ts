import { expect, test } from 'vitest'
import { LOCAL_PARAMETERS } from './localnet/parameters.ts'
import { describeLevel, priceAt } from './price.ts'

test.each([
  [10_066n, 32, 10_066n],
  [10_066n, 36, 20_132n],
  [10_066n, 28, 5_033n],
  [10_066n, 0, 40n],
  [10_066n, 63, 2_166_904n],
])('%i gwei at level %i are those that the contract reckons', (gwei, level, expected) => {
  expect(priceAt(gwei, level)).toBe(expected)
})

test('a level is said in money', () => {
  expect(describeLevel(36, LOCAL_PARAMETERS)).toBe(
    'level 36: 2 × the prices at deployment, 0.00002 ETH a task and 0.000002 ETH a million gas',
  )
  expect(describeLevel(31, LOCAL_PARAMETERS)).toContain('0.841 ×')
})
