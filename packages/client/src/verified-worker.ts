/**
 * A worker whose enclave this machine has verified itself.
 *
 * Only `verifyWorkers` makes one, and only it can be sealed to: the type forbids it to TypeScript, the register below to
 * everybody else. A look-alike object, or a copy, is no verified worker.
 */
import type { Verdict } from '@enigma/attestation'
import { type Address, EnigmaError, type Hex } from '@enigma/protocol'
import type { Draw } from './draw.ts'

declare const verified: unique symbol

export type Worker = {
  rank: number
  seat: number
  signer: Address
  operator: Address
  /** X25519 public key, born in the enclave. */
  inputKey: Hex
  /** Of the observers that its enclave believes: one that was pinned. */
  networkHash: Hex
  /** Block that the quote names; no older than 256 blocks when the seat was taken or renewed. */
  identityBlock: bigint
  verdict: Verdict
  /** Whether Intel's root or a simulated one stands behind the quote. */
  trustRoot: 'intel' | 'simulated'
  /** The lottery that selected it: it can be sealed to for this slot, epoch and lane only. */
  draw: Draw
}
export type VerifiedWorker = Worker & { readonly [verified]: true }

/** A selected worker that nothing will be sealed to, and why. */
export type RejectedWorker = { rank: number; seat: number; signer: Address; error: EnigmaError }

/**
 * One client's network and policy. What one session verified or sealed, another does not take: its network may be a
 * simulated one, its policy a laxer one.
 */
export type Session = object

const register = new WeakMap<object, Session>()

/** For `verify-worker.ts` alone: call it when every check has passed. */
export function vouchFor(worker: Worker, session: Session): VerifiedWorker {
  const frozen = Object.freeze(worker)
  register.set(frozen, session)
  return frozen as VerifiedWorker
}

/** The lottery that all of `workers` belong to; throws where one was not verified by this client, or none is given. */
export function drawOf(workers: readonly VerifiedWorker[], session: Session): Draw {
  const draw = workers[0]?.draw
  if (!draw) throw new NotVerifiedError('no worker was given')
  for (const worker of workers) {
    if (register.get(worker) !== session)
      throw new NotVerifiedError(`rank ${worker.rank} did not come from this client's verifyWorkers`)
    if (worker.draw !== draw) throw new NotVerifiedError(`rank ${worker.rank} was drawn in another lottery`)
  }
  return draw
}

export class NotVerifiedError extends EnigmaError {
  override readonly name = 'NotVerifiedError'
  readonly code = 'NOT_VERIFIED'
  constructor(fault: string) {
    super(`Nothing is sealed to workers that were not verified: ${fault}.`, {
      hint: 'Pass on what one verifyWorkers returned, as it is.',
    })
  }
}
