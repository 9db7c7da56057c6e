/**
 * Is the joiner an enclave that this network admits, as its hardware says today?
 *
 * The whole of Intel's evidence is verified here, at the time of the observed head and under the policy of the contract's own
 * verifier: what the contract saw when the seat was taken is not believed, for it may have been revoked since. The root
 * follows from the network: no simulated machine is let in where hardware is asked for (S15).
 */
import {
  AttestationError,
  type Policy,
  parseCollateral,
  parsePolicy,
  policyHash,
  trustRoots,
  type Verdict,
  verifyQuote,
} from '@enigma/attestation'
import { equalBytes, type Hex, type Seat, workerReportData } from '@enigma/protocol'
import type { CallParams } from './calls.ts'
import { CoreError, type JoinFault } from './errors.ts'
import type { ProvenRegistry } from './proven-registry.ts'
import type { RoleParts } from './role.ts'

/** What the host says of the joiner: none of it is believed, and no more is needed. */
type Evidence = Pick<CallParams<'grant'>, 'seat' | 'identity' | 'quote' | 'collateral' | 'policy'> & {
  joiner: Seat
  /** Of the joiner's network, as the chain says. */
  networkHash: Hex
}

export function checkQuote(
  { network }: RoleParts,
  registry: ProvenRegistry,
  { seat, joiner, networkHash, identity, ...evidence }: Evidence,
): void {
  const { measurement, reportData } = verify(network.simulated, registry, evidence)
  if (measurement !== registry.measurement(joiner.measurementId)) refuse('JOIN_MEASUREMENT')
  const { signer } = joiner
  const expected = workerReportData({ networkHash, operator: registry.operator(seat), signer, ...identity })
  if (!equalBytes(reportData, expected)) refuse('JOIN_REPORT_DATA')
}

function verify(
  simulated: boolean,
  registry: ProvenRegistry,
  { quote, collateral, policy }: Pick<Evidence, 'quote' | 'collateral' | 'policy'>,
): Verdict {
  try {
    return verifyQuote(quote, parseCollateral(parseJson(collateral)), {
      at: Number(registry.header.timestamp),
      trustRoot: simulated ? trustRoots.simulated : trustRoots.intel,
      policy: provenPolicy(registry, policy),
    })
  } catch (error) {
    if (error instanceof AttestationError) return refuse(error.code)
    throw error
  }
}

/** The contract's verifier has this policy and no other: the host's own does not have its hash. */
function provenPolicy(registry: ProvenRegistry, text: string): Policy {
  const policy = parsePolicy(parseJson(text))
  return policyHash(policy) === registry.policyHash() ? policy : refuse('JOIN_POLICY')
}

/** What is no JSON has no shape either. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function refuse(fault: JoinFault): never {
  throw new CoreError('JOIN_REFUSED', fault)
}
