import fc from 'fast-check'
import { hashTypedData } from 'viem'
import { expect, test } from 'vitest'
import { bytesToHex, type Hex } from './bytes.ts'
import { type Receipt, receiptDigest, type Status } from './receipt.ts'

const anyHex = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(bytesToHex)
const anyReceipt: fc.Arbitrary<Receipt> = fc.record({
  taskId: anyHex(32),
  anchor: anyHex(32),
  codeHash: anyHex(32),
  inputsHash: anyHex(32),
  outputHash: anyHex(32),
  status: fc.constantFrom<Status>(0, 1, 2),
})
const DOMAIN = { chainId: 31337n, enigma: `0x${'ab'.repeat(20)}` as Hex }

test("receiptDigest equals viem's hashTypedData", () => {
  const bytes32 = ['taskId', 'anchor', 'codeHash', 'inputsHash', 'outputHash'].map((name) => ({
    name,
    type: 'bytes32',
  }))
  const types = { Receipt: [...bytes32, { name: 'status', type: 'uint8' }] }
  const domain = { name: 'Enigma', version: '1', chainId: DOMAIN.chainId, verifyingContract: DOMAIN.enigma }
  fc.assert(
    fc.property(anyReceipt, (receipt) => {
      expect(receiptDigest(DOMAIN, receipt)).toBe(
        hashTypedData({ domain, types, primaryType: 'Receipt', message: receipt }),
      )
    }),
  )
})

test('S2: a receipt is void for another task, state, code, input, output, status, chain or contract', () => {
  fc.assert(
    fc.property(anyReceipt, anyReceipt, (receipt, other) => {
      const digest = receiptDigest(DOMAIN, receipt)
      for (const field of Object.keys(receipt) as (keyof Receipt)[]) {
        if (receipt[field] === other[field]) continue
        expect(receiptDigest(DOMAIN, { ...receipt, [field]: other[field] }), field).not.toBe(digest)
      }
      expect(receiptDigest({ ...DOMAIN, chainId: 1n }, receipt)).not.toBe(digest)
      expect(receiptDigest({ ...DOMAIN, enigma: `0x${'ac'.repeat(20)}` }, receipt)).not.toBe(digest)
    }),
  )
})
