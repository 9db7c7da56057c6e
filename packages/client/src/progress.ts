/** What a caller hears while a call runs. */
import type { Address, Hex } from '@enigma/protocol'
import type { Clock } from './clock.ts'
import type { RejectedWorker, VerifiedWorker } from './verified-worker.ts'

type Event =
  /** The lottery is read; the workers that it draws are about to be verified. */
  | { type: 'verifying'; dApp: Address; epoch: number; lane: number; slot: number }
  /** This worker's quote was verified: inputs will be sealed to it. One event a worker. */
  | { type: 'verified'; worker: VerifiedWorker }
  /** This worker failed: nothing will be sealed to it. */
  | { type: 'rejected'; worker: RejectedWorker }
  | { type: 'encrypted'; bytes: number; ranks: readonly number[] }
  /** The transaction is on its way. */
  | { type: 'sent'; txHash: Hex }
  /** The task is on chain, its fee in escrow. */
  | { type: 'requested'; taskId: Hex; txHash: Hex; gas: bigint; feeGwei: bigint; createdBlock: bigint }
  /** Whose turn it is first. */
  | { type: 'selected'; seat: number; rank: number; signer: Address }
  /** The task has ended; `seat` and `rank` are those that served it, `gas` what that cost them, if the RPC told. */
  | {
      type: 'settled'
      taskId: Hex
      txHash: Hex
      gas: bigint | undefined
      seat: number
      rank: number
      status: number
      delivered: boolean
    }
  /** Another task replaced the state first: `taskId` is settled without effect, and it is asked again. */
  | { type: 'retrying'; taskId: Hex; createdBlock: bigint; attempt: number }
  /** The callback failed, and the caller wanted that tried again. */
  | { type: 'redelivering'; taskId: Hex }
  /** A dApp's key is asked for; some worker will publish it. */
  | { type: 'keyRequested'; contract: Address; txHash: Hex }
  | { type: 'keyPublished'; contract: Address; publicKey: Hex; generation: number }

/** `atMs` by the client's clock, `elapsedMs` since the call began. */
export type ProgressEvent = Event & { atMs: number; elapsedMs: number }

/** Must not throw: once a fee is paid, a fault in a progress bar must not cost the result, so what it throws is dropped. */
export type OnProgress = (event: ProgressEvent) => void

export type Report = (event: Event) => void

export function startReport(clock: Clock, onProgress: OnProgress | undefined): Report {
  const startMs = clock.nowMs()
  return (event) => {
    const atMs = clock.nowMs()
    try {
      onProgress?.({ ...event, atMs, elapsedMs: atMs - startMs })
    } catch {
      // See OnProgress.
    }
  }
}
