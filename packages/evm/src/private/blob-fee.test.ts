import { expect, test } from 'vitest'
import { blobBaseFee } from './blob-fee.ts'

test.each([
  [0n, 1n],
  // With EIP-7691's fraction of 5,007,716 the exponent reaches ln 2 at 3,471,084; e^10 is 22,026.
  [3_471_000n, 1n],
  [3_471_100n, 2n],
  [50_077_160n, 22_026n],
])('an excess of %i blob gas costs %i wei each', (excess, fee) => {
  expect(blobBaseFee(excess)).toBe(fee)
})

test('an absurd excess ends in a number', () => {
  expect(blobBaseFee(2n ** 64n - 1n)).toBe(blobBaseFee(2n ** 63n))
})
