import { encodeAbiParameters, keccak256, parseAbiParameters } from 'viem'
import { describe, expect, test } from 'vitest'
import { defaultPolicy, type Policy } from './policy.ts'
import { policyHash, policyOnChain } from './policy-on-chain.ts'
import { tcbStatuses } from './tcb-status.ts'

const POLICY = parseAbiParameters(
  '(uint16 statusMask, uint32 minEvaluationNumber, string[] advisoryIds, bytes6[] deniedFmspcs, bytes16[] deniedPlatforms) policy',
)

describe('a policy on chain', () => {
  test('has the default’s statuses as bits, and its advisories', () => {
    expect(policyOnChain(defaultPolicy)).toEqual({
      statusMask: 0b11,
      minEvaluationNumber: 0,
      advisoryIds: defaultPolicy.advisoryIds,
      deniedFmspcs: [],
      deniedPlatforms: [],
    })
  })

  test('S16: accepts neither a revoked level nor a status that is TDX’s alone', () => {
    expect(policyOnChain({ tcbStatuses, advisoryIds: [] }).statusMask).toBe(0b111111)
    expect(policyOnChain({ tcbStatuses: ['OutOfDate'], advisoryIds: [] }).statusMask).toBe(0b010000)
  })
})

describe('a policy’s hash', () => {
  test.each<[string, Policy]>([
    ['the default', defaultPolicy],
    ['the emptiest', { tcbStatuses: ['UpToDate'], advisoryIds: [] }],
    [
      'one that states everything',
      {
        tcbStatuses: ['OutOfDate', 'UpToDate'],
        advisoryIds: ['INTEL-SA-00001', 'x'.repeat(31), 'x'.repeat(33)],
        minTcbEvaluationDataNumber: 17,
        deniedFmspcs: [`0x${'0a'.repeat(6)}`, `0x${'0b'.repeat(6)}`],
        deniedPlatformIds: [`0x${'0c'.repeat(16)}`],
      },
    ],
  ])('is that of Solidity’s encoding: %s', (_, policy) => {
    const { advisoryIds, deniedFmspcs, deniedPlatforms, ...rest } = policyOnChain(policy)
    const lists = {
      advisoryIds: [...advisoryIds],
      deniedFmspcs: [...deniedFmspcs],
      deniedPlatforms: [...deniedPlatforms],
    }
    expect(policyHash(policy)).toBe(keccak256(encodeAbiParameters(POLICY, [{ ...rest, ...lists }])))
  })

  test('S14: does not exist where the policy accepts a status of which the contract knows nothing', () => {
    for (const status of tcbStatuses.slice(6)) {
      const policy = { ...defaultPolicy, tcbStatuses: [...defaultPolicy.tcbStatuses, status] }
      expect(() => policyHash(policy)).toThrow(expect.objectContaining({ code: 'POLICY_FORMAT' }))
    }
  })

  test('S14: is another as soon as the policy accepts more', () => {
    const accepted: Policy[] = [
      { ...defaultPolicy, tcbStatuses: [...defaultPolicy.tcbStatuses, 'OutOfDate'] },
      { ...defaultPolicy, advisoryIds: [...defaultPolicy.advisoryIds, 'INTEL-SA-00000'] },
    ]
    for (const policy of accepted) expect(policyHash(policy)).not.toBe(policyHash(defaultPolicy))
  })
})
