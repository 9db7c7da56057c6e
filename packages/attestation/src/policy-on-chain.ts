/**
 * A policy as the contract has it: what the verifiers in TypeScript and Solidity have in common, and its hash.
 *
 * The hash stands on chain. A policy that asks for more than the contract's has the same hash, since the contract knows only
 * these five fields; one that accepts more has none.
 */
import {
  type AbiValue,
  abiBytes,
  abiEncode,
  abiFixedBytes,
  abiUint,
  concatBytes,
  type Hex,
  keccak256,
  utf8,
} from '@enigma/protocol'
import { refuse } from './attestation-error.ts'
import type { Policy } from './policy.ts'
import { tcbStatuses } from './tcb-status.ts'

/** Those that the contract knows and may accept, by their bits: up to OutOfDateConfigurationNeeded. */
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

/**
 * keccak256(abi.encode(policy)) of `Policy` in contracts/src/attestation/PlatformPolicy.sol. Throws POLICY_FORMAT where it
 * accepts a status of which the contract, and so the hash, knows nothing.
 */
export function policyHash(policy: Policy): Hex {
  const unknown = policy.tcbStatuses.find((status) => !ACCEPTABLE.includes(status))
  if (unknown !== undefined) refuse('POLICY_FORMAT', `${unknown}, which no contract accepts`)
  const { statusMask, minEvaluationNumber, advisoryIds, deniedFmspcs, deniedPlatforms } = policyOnChain(policy)
  const struct = abiEncode(
    abiUint(statusMask, 16),
    abiUint(minEvaluationNumber, 32),
    abiStrings(advisoryIds),
    abiWords(deniedFmspcs, 6),
    abiWords(deniedPlatforms, 16),
  )
  return keccak256(abiEncode({ tail: struct }))
}

function abiStrings(values: readonly string[]): AbiValue {
  const items = abiEncode(...values.map((value) => abiBytes(utf8(value))))
  return { tail: concatBytes(abiUint(values.length).word, items) }
}

function abiWords(values: readonly Hex[], length: number): AbiValue {
  return { tail: concatBytes(abiUint(values.length).word, ...values.map((value) => abiFixedBytes(value, length).word)) }
}
