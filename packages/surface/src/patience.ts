/**
 * Waits at the start for what may still be coming: a node that is away, a contract that is about to be deployed.
 */
import { backoffMs, type Clock, codeOf, isOutage, type Logger } from '@enigma/process'
import { NoContractError } from './network-check.ts'

/** Asks until there is an answer, or an error that waiting does not mend. A missing contract is waited for `contractWaitMs`. */
export async function patiently<T>(
  ask: () => Promise<T>,
  contractWaitMs: number,
  { clock, log }: { clock: Clock; log: Logger },
): Promise<T> {
  const startMs = clock.nowMs()
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask()
    } catch (error) {
      const isComing = error instanceof NoContractError && clock.nowMs() - startMs < contractWaitMs
      if (!isComing && !isOutage(error)) throw error
      const retryMs = isComing ? backoffMs(attempt, 25, 100) : backoffMs(attempt)
      // At each doubling only: a wait of hours must not fill a disk. A contract that comes within a second is no news.
      if ((attempt & (attempt - 1)) === 0 && (!isComing || attempt >= 16))
        log.warn('waiting-for-chain', { code: codeOf(error), attempt, retryMs })
      await clock.sleep(retryMs)
    }
  }
}
