/** The policy that Core holds other enclaves' quotes against: the network's, which the chain knows by its hash. */
import { defaultPolicy, type Policy, parsePolicy } from '@enigma/attestation'
import { readFileIfThere } from '@enigma/process'
import { EnigmaError } from '@enigma/protocol'

export type DonorPolicy = { text: string; parsed: Policy }

/** Throws a `PolicyFileError`. Without a file: the default policy. */
export function readPolicy(file: string | undefined): DonorPolicy {
  if (file === undefined) return { text: JSON.stringify(defaultPolicy), parsed: defaultPolicy }
  try {
    const bytes = readFileIfThere(file)
    if (bytes === undefined) throw new RangeError('it is not there')
    const text = new TextDecoder().decode(bytes)
    return { text, parsed: parsePolicy(JSON.parse(text)) }
  } catch (cause) {
    throw new PolicyFileError(file, cause)
  }
}

export class PolicyFileError extends EnigmaError {
  override readonly name = 'KeyPolicy.PolicyFileError'
  readonly code = 'POLICY_FILE'
  constructor(file: string, cause: unknown) {
    super(`No policy can be read from ${file}.`, {
      hint: 'Set --policy-file to a policy in JSON (docs/protocol/attestation.md), or leave it out for the default one.',
      cause,
    })
  }
}
