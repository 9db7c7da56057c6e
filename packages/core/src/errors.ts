/**
 * What Core refuses, as numbers. Which number means what, on both sides of the door?
 *
 * The set is closed: an error carries no text across the door, because text is where plaintext leaks (S21).
 * A number is never given a second meaning; a retired one stays unused.
 */
import type { AttestationCode } from '@enigma/attestation'
import type { ProofErrorCode } from '@enigma/evm/proof'
import { EnigmaError } from '@enigma/protocol'

export const CORE_ERRORS = {
  UNKNOWN_CALL: { number: 1, hint: 'Core and its host are of different versions; start both from one checkout.' },
  BAD_PARAMS: { number: 2, hint: 'Compare the parameters with packages/core/src/calls.ts.' },
  BUSY: { number: 3, hint: 'Wait for the answer to the call before.' },
  WRONG_ROLE: { number: 4, hint: 'Only a worker executes, only the principal gives seeds.' },
  NO_IDENTITY: { number: 5, hint: 'Call attest or restore first.' },
  HAS_IDENTITY: { number: 6, hint: 'Restore into a freshly started Core.' },
  SEALED_DOES_NOT_OPEN: {
    number: 7,
    hint: 'Sealed by another measurement, machine, network or role: attest anew instead.',
  },
  NO_SEALING_KEY: { number: 8, hint: 'This platform seals nothing: attest anew, and take a new seat.' },
  PLATFORM: {
    number: 9,
    hint: 'The machine gave no quote; Core’s log names the reason, docs/running-in-hardware.md the cure.',
  },
  BAD_TASK: { number: 10, hint: 'The task states more than the protocol allows; no Core runs it.' },
  BAD_CODE: { number: 11, hint: 'The dApp that is proven has other code than the task names; check dApp and block.' },
  BAD_INPUTS: { number: 12, hint: 'Send the envelope bytes of the task’s own event.' },
  BAD_HEADER: { number: 13, hint: 'Send the header of the block that carries the task, in RLP.' },
  NOT_ADDRESSED: { number: 14, hint: 'None of this Core’s keys is among the recipients; leave the task to its ranks.' },
  UNKNOWN_EXECUTION: { number: 15, hint: 'The execution ended or made room for a newer one; call execute again.' },
  // 16 was BAD_STATE, of facts that contradicted each other. Proven ones cannot.
  NOT_OBSERVED: {
    number: 17,
    hint: 'Send signatures of as many of this network’s observers as its threshold; wait until they have signed.',
  },
  NO_TASK: { number: 18, hint: 'The slot that is proven does not hold this task at the end of its block.' },
  BAD_PROOF: { number: 19, hint: 'Core’s log names the reason, docs/protocol/proofs.md the rule: ask another node.' },
  NO_BLOCK_HASH: { number: 20, hint: 'This chain keeps no block hashes in its state (EIP-2935); the dApp cannot run.' },
  NO_SECRET: {
    number: 21,
    hint: 'The task needs a generation of the network secret that this Core does not hold: join, or leave it to its ranks.',
  },
  NOT_FRESH: { number: 22, hint: 'Call nonce, and have the observers sign the head of now with it.' },
  JOIN_REFUSED: {
    number: 23,
    hint: 'The joiner may not be given the secret; Core’s log names the reason, docs/protocol/keys.md the rule.',
  },
  GRANT_REFUSED: {
    number: 24,
    hint: 'The grant does not open, or holds another secret than the chain’s commitment: ask for another.',
  },
  NOT_FINAL: { number: 25, hint: 'The chain that is proven does not have this generation where the call needs it.' },
  TOO_MANY_GENERATIONS: { number: 26, hint: 'Have the governor raise minGeneration.' },
  UNKNOWN_RECEIPT: {
    number: 27,
    hint: 'This Core signed no such receipt since it was started, or has forgotten it: settle that task singly.',
  },
  INTERNAL: { number: 99, hint: 'Core met a defect of its own; restart and restore it.' },
} as const

export type CoreErrorCode = keyof typeof CORE_ERRORS
/** Why a joiner is given nothing: its seat, its key, or its quote, of which the verifier has a code of its own. */
export type JoinFault =
  | 'JOIN_KEY_UNKNOWN'
  | 'JOIN_SIGNATURE'
  | 'JOINS_FROZEN'
  | 'JOIN_SEAT_ENDED'
  | 'JOIN_MEASUREMENT'
  | 'JOIN_MEASUREMENT_REVOKED'
  | 'JOIN_POLICY'
  | 'JOIN_REPORT_DATA'
  | 'DONOR_SEAT'
  | AttestationCode
/** What the proof reader found, or that the first proof lacks what every call needs; or what is wrong with a joiner. */
export type CoreErrorDetail = ProofErrorCode | 'PROOF_INCOMPLETE' | JoinFault

/** A call that Core refused. Says which rule, never which bytes. */
export class CoreError extends EnigmaError {
  override readonly name = 'Core.CoreError'
  readonly code: CoreErrorCode
  readonly number: number

  /** Which of a rule's many ways was broken: a code for Core's log, which does not cross the door. */
  readonly detail: CoreErrorDetail | undefined

  constructor(code: CoreErrorCode, detail?: CoreErrorDetail) {
    super(`Core refused the call: ${code}.`, { hint: CORE_ERRORS[code].hint })
    this.detail = detail
    this.code = code
    this.number = CORE_ERRORS[code].number
  }
}

/** The error behind a number that came through the door; a number nobody defined counts as a defect. */
export function coreErrorOf(number: number): CoreError {
  for (const code of Object.keys(CORE_ERRORS) as CoreErrorCode[]) {
    if (CORE_ERRORS[code].number === number) return new CoreError(code)
  }
  return new CoreError('INTERNAL')
}
