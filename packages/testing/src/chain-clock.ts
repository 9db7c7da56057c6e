/**
 * Time as a chain has it that runs ahead of the wall.
 *
 * Dates of collateral are judged by the contract at the chain's time. Whoever issues or judges them beside it must live by
 * the same.
 */
import { type Clock, createRpc, parseBlock, systemClock } from '@enigma/process'

export type ChainClock = Clock & {
  /** Looks at the chain now, and not only when it is time to. */
  look(): Promise<void>
  stop(): Promise<void>
}

const EVERY_MS = 50

/** A clock that shows the head's time, or the wall's where that is later. */
export async function followChain(rpcUrl: string): Promise<ChainClock> {
  const stopping = new AbortController()
  const rpc = createRpc(rpcUrl, { signal: stopping.signal })
  let headMs = 0
  const nowMs = () => Math.max(headMs, systemClock.nowMs())

  async function look(): Promise<void> {
    const block = parseBlock(await rpc.call('eth_getBlockByNumber', ['latest', false]))
    if (block) headMs = Number(block.timestamp) * 1000
  }

  async function follow(): Promise<void> {
    while (!stopping.signal.aborted) {
      // A chain that is gone for a moment, or for good, leaves the time where it was.
      await look().catch(() => {})
      await systemClock.sleep(EVERY_MS, stopping.signal)
    }
  }

  await look()
  const following = follow()
  return {
    nowMs,
    look,
    /** Over as soon as `ms` have passed on the wall or on the chain. */
    async sleep(ms, signal) {
      const [fromMs, byMs] = [systemClock.nowMs(), nowMs()]
      const isOver = () => systemClock.nowMs() - fromMs >= ms || nowMs() - byMs >= ms
      while (!signal?.aborted && !isOver()) await systemClock.sleep(Math.min(ms, EVERY_MS), signal)
    },
    async stop() {
      stopping.abort()
      await following
    },
  }
}
