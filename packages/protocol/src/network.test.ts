import { encodeAbiParameters, keccak256, parseAbiParameters, toHex } from 'viem'
import { describe, expect, test } from 'vitest'
import { type Network, networkHash } from './network.ts'

const [a, b, c] = [1, 2, 3].map((n) => `0x${String(n).repeat(40)}` as const) as [
  `0x${string}`,
  `0x${string}`,
  `0x${string}`,
]
const NETWORK: Network = {
  chainId: 31337n,
  enigma: c,
  observers: [b, a],
  threshold: 2,
  depth: 3,
  simulated: true,
  serial: 4,
}

describe('networkHash', () => {
  test("equals viem's encoding with the observers sorted", () => {
    const encoded = encodeAbiParameters(
      parseAbiParameters('bytes32, uint256, address, address[], uint256, uint256, bool, uint256'),
      [keccak256(toHex('enigma.network.v1')), 31337n, c, [a, b], 2n, 3n, true, 4n],
    )
    expect(networkHash(NETWORK)).toBe(keccak256(encoded))
  })

  test('does not depend on the order of observers or the spelling of an address', () => {
    const mixed = `0x${'aB'.repeat(20)}` as const
    const lower = `0x${'ab'.repeat(20)}` as const
    expect(networkHash({ ...NETWORK, observers: [a, mixed] })).toBe(networkHash({ ...NETWORK, observers: [lower, a] }))
  })

  test.each<Partial<Network>>([
    { chainId: 1n },
    { enigma: a },
    { observers: [a, c] },
    { threshold: 1 },
    { depth: 0 },
    { simulated: false },
    { serial: 5 },
  ])('S25, S15: %o is another network', (change) => {
    expect(networkHash({ ...NETWORK, ...change })).not.toBe(networkHash(NETWORK))
  })

  test('refuses observers that could not decide, or that count twice', () => {
    const refused: Partial<Network>[] = [
      { observers: [a, a] },
      { observers: [`0x${'aB'.repeat(20)}`, `0x${'ab'.repeat(20)}`] },
      { threshold: 0 },
      { threshold: 3 },
      { threshold: Number.NaN },
      { observers: [], threshold: 1 },
      { observers: [], threshold: 0 },
      { observers: [`0x${'00'.repeat(20)}`, a] },
      { observers: Array.from({ length: 33 }, (_, i) => `0x${String(i + 10).repeat(20)}` as const) },
    ]
    for (const change of refused) {
      expect(() => networkHash({ ...NETWORK, ...change })).toThrow(
        expect.objectContaining({ code: 'INVALID_OBSERVERS' }),
      )
    }
  })
})
