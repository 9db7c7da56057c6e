/** Proofs of chain state, as Core reads them. */
export { decodeHeader, type Header } from './header.ts'
export { ProofError, type ProofErrorCode } from './proof-error.ts'
export { ProvenState, type StateProof } from './proven-state.ts'
