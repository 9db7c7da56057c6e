/** Why is a proof no proof? */
import { EnigmaError } from '@enigma/protocol'

const REASONS = {
  RLP_MALFORMED: 'bytes are not RLP in its one canonical form',
  HEADER_MALFORMED: 'these bytes are no block header',
  NODE_MISSING: 'the stream ends before the walk does',
  NODE_FORGED: 'the next node does not hash to what the walk needs',
  NODE_UNUSED: 'the stream holds nodes that no walk needs',
  NODE_MALFORMED: 'a node is none of leaf, extension and branch',
  PATH_MALFORMED: 'the path of a node is not encoded as it must be, or does not fit its depth',
  ACCOUNT_MALFORMED: 'a leaf of the state is no account',
  VALUE_MALFORMED: 'a leaf of a storage is no word',
  ACCOUNT_UNPROVEN: 'a slot is claimed of an account that is not proven',
  CODE_FORGED: 'code hashes to no proven account’s code hash',
  CODE_UNUSED: 'code is sent that is known already',
  CODE_TOO_LARGE: 'code is longer than EIP-170 allows',
  PROOF_TOO_LARGE: 'there is more of it than one execution may read',
} as const

export type ProofErrorCode = keyof typeof REASONS

/** Thrown where bytes do not prove what they were sent for. What has thrown it is not to be used any further. */
export class ProofError extends EnigmaError {
  override readonly name = 'Proof.ProofError'
  readonly code: ProofErrorCode
  constructor(code: ProofErrorCode) {
    super(`The chain's state is not proven: ${REASONS[code]}.`, {
      hint: 'Ask another node, of exactly the block whose header is believed.',
    })
    this.code = code
  }
}
