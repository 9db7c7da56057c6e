import { defaultPolicy, tcbStatuses } from '@enigma/attestation'
import { expect, test } from 'vitest'
import { policyOnChain } from './policy.ts'

test('the default policy goes on chain with its statuses as bits and its advisories', () => {
  expect(policyOnChain(defaultPolicy)).toEqual({
    statusMask: 0b11,
    minEvaluationNumber: 0,
    advisoryIds: defaultPolicy.advisoryIds,
    deniedFmspcs: [],
    deniedPlatforms: [],
  })
})

test('S16: no policy has the contract accept a revoked level, or a status that is TDX’s alone', () => {
  expect(policyOnChain({ tcbStatuses, advisoryIds: [] }).statusMask).toBe(0b111111)
  expect(policyOnChain({ tcbStatuses: ['OutOfDate'], advisoryIds: [] }).statusMask).toBe(0b010000)
})
