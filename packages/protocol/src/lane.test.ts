import { encodeAbiParameters, keccak256, parseAbiParameters } from 'viem'
import { describe, expect, test } from 'vitest'
import { laneOf } from './lane.ts'

const requester = `0x${'ab'.repeat(20)}` as const

describe('laneOf', () => {
  test("equals the formula, over viem's encoding", () => {
    for (let seq = 0n; seq < 50n; seq++) {
      const encoded = encodeAbiParameters(parseAbiParameters('address, uint256, uint256'), [requester, 3n, seq])
      expect(laneOf({ requester, slot: 3, seq, lanes: 7 })).toBe(Number(BigInt(keccak256(encoded)) % 7n))
    }
  })

  test('is 0 where there is one lane', () => {
    expect(laneOf({ requester, slot: 3, seq: 9n, lanes: 1 })).toBe(0)
  })

  test('S5: however many slots a requester has, they fall into no more lotteries than there are lanes', () => {
    const lanes = new Set(Array.from({ length: 200 }, (_, slot) => laneOf({ requester, slot, seq: 0n, lanes: 4 })))
    expect([...lanes].sort()).toEqual([0, 1, 2, 3])
  })

  test.each([0, -1, 1.5, 65_536])('refuses %s lanes', (lanes) => {
    expect(() => laneOf({ requester, slot: 0, seq: 0n, lanes })).toThrow(
      expect.objectContaining({ code: 'INVALID_LANES' }),
    )
  })
})
