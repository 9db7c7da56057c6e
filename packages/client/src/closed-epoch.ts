/** Epochs in which a task would not be taken, or should not be asked for. */
import { type Address, EnigmaError } from '@enigma/protocol'

/** The beacon's seed did not come in time, and the lottery is drawn from a block's hash. */
export class FallbackEpochError extends EnigmaError {
  override readonly name = 'FallbackEpochError'
  readonly code = 'FALLBACK_EPOCH'
  readonly epoch: number
  /** The dApp that takes no such tasks; undefined where it is this client. */
  readonly refusedBy: Address | undefined
  constructor(epoch: number, refusedBy?: Address) {
    super(`Epoch ${epoch} has a fallback seed, which ${refusedBy ?? 'this client'} refuses. Nothing was sent.`, {
      hint: `Try again in epoch ${epoch + 1}. ${refusedBy ? 'The dApp' : '`refuseFallbackEpochs`'} decides; if it stays so, the Principal is down.`,
    })
    this.epoch = epoch
    this.refusedBy = refusedBy
  }
}

/** The network's guardian has stopped new tasks; those that were taken are settled. */
export class EpochPausedError extends EnigmaError {
  override readonly name = 'EpochPausedError'
  readonly code = 'EPOCH_PAUSED'
  readonly epoch: number
  constructor(epoch: number) {
    super(`The network takes no new tasks: its guardian has paused it, in epoch ${epoch}. Nothing was sent.`, {
      hint: "Try again later. A pause ends by itself, at the contract's `pausedUntil`.",
    })
    this.epoch = epoch
  }
}
