/** A policy as the contract takes it: what the verifiers in TypeScript and Solidity have in common. */
import { type Policy, tcbStatuses } from '@enigma/attestation'

/** The statuses that the contract knows and may accept, by their bits: up to OutOfDateConfigurationNeeded. */
const ACCEPTABLE = tcbStatuses.slice(0, 6)

/** A policy as the contract's constructor takes it. */
export function policyOnChain({ tcbStatuses: accepted, ...policy }: Policy) {
  return {
    statusMask: ACCEPTABLE.reduce((mask, status, bit) => (accepted.includes(status) ? mask | (1 << bit) : mask), 0),
    minEvaluationNumber: policy.minTcbEvaluationDataNumber ?? 0,
    advisoryIds: policy.advisoryIds,
    deniedFmspcs: policy.deniedFmspcs ?? [],
    deniedPlatforms: policy.deniedPlatformIds ?? [],
  }
}
