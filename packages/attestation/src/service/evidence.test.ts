import { hexToBytes, keccak256, recoverSigner, signerAddress } from '@enigma/protocol'
import { describe, expect, test } from 'vitest'
import { signEvidence, verdictDigest } from './evidence.ts'

const attesterKey = new Uint8Array(32).fill(0x11)
const domain = { chainId: 31_337, verifier: `0x${'22'.repeat(20)}` } as const
const quote = Uint8Array.of(1, 2, 3)
const validUntil = 1_797_811_200

function signerOf(evidence: string, digest: `0x${string}`): string {
  return recoverSigner(digest, { r: `0x${evidence.slice(66, 130)}`, vs: `0x${evidence.slice(130)}` })
}

describe('signEvidence', () => {
  const evidence = signEvidence(domain, quote, validUntil, attesterKey)

  test('signs the EIP-712 digest that other libraries compute', () => {
    const quoteHash = `0x${'33'.repeat(32)}` as const
    // viem 2: hashTypedData of the same domain, type and message.
    const expected = '0xfa705467db87692523fc60eb2d71a8de40444d80293291df0e18d5f7bf1c2f4e'
    expect(verdictDigest(domain, quoteHash, validUntil)).toBe(expected)
  })

  test('encodes validity and signature as three words', () => {
    expect(hexToBytes(evidence)).toHaveLength(96)
    expect(BigInt(evidence.slice(0, 66))).toBe(BigInt(validUntil))
    expect(signerOf(evidence, verdictDigest(domain, keccak256(quote), validUntil))).toBe(signerAddress(attesterKey))
  })

  test.each([
    ['quote', verdictDigest(domain, keccak256(Uint8Array.of(1, 2, 4)), validUntil)],
    ['validity', verdictDigest(domain, keccak256(quote), validUntil + 1)],
    ['chain', verdictDigest({ ...domain, chainId: 1 }, keccak256(quote), validUntil)],
    ['contract', verdictDigest({ ...domain, verifier: `0x${'23'.repeat(20)}` }, keccak256(quote), validUntil)],
  ])('S2: says nothing about another %s', (_what, digest) => {
    expect(signerOf(evidence, digest)).not.toBe(signerAddress(attesterKey))
  })
})
