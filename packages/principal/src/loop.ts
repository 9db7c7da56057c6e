/**
 * The Principal's loop: wait for the contract, then look at each new block; when the node is away, wait and go on.
 */
import { type Block, backoffMs, type Clock, codeOf, type Logger, type Sender } from '@enigma/process'
import { EnigmaError } from '@enigma/protocol'
import type { Chain } from './chain.ts'
import { createPoster } from './poster.ts'
import type { SeedStore } from './seeds.ts'
import type { SeedSource } from './source.ts'

type Parts = {
  chain: Chain
  source: SeedSource
  seeds: SeedStore
  sender: Sender
  /** Whether the contract is there. */
  checkNetwork: () => Promise<boolean>
  pollMs: number
  clock: Clock
  log: Logger
}

/** Transactions are remembered for about a week of 12-second blocks. */
const REMEMBERED_BLOCKS = 50_000n

export function startLoop({ chain, source, seeds, sender, checkNetwork, pollMs, clock, log }: Parts) {
  const stopping = new AbortController()
  let poster: ReturnType<typeof createPoster> | undefined
  let last: Block | undefined
  let isWaiting = false
  let failures = 0

  async function once(): Promise<void> {
    if (!poster || failures > 0) {
      if (!(await checkNetwork())) return
      poster ??= createPoster({ chain, grid: await chain.grid(), source, seeds, sender, log })
    }
    const head = await chain.head()
    if (head.hash === last?.hash && failures === 0 && !isWaiting) return
    isWaiting = (await poster.tick(head)) === 'waiting'
    await sender.tick(head)
    if (head.number % 64n === 0n) sender.prune(head.number - REMEMBERED_BLOCKS)
    last = head
    if (failures > 0) log.info('rpc-back', { attempt: failures })
    failures = 0
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      let waitMs = pollMs
      try {
        await once()
      } catch (error) {
        if (!(error instanceof EnigmaError)) throw error
        failures++
        waitMs = backoffMs(failures, pollMs)
        if ((failures & (failures - 1)) === 0)
          log.warn('rpc-away', { code: codeOf(error), attempt: failures, retryMs: waitMs })
      }
      await clock.sleep(waitMs, stopping.signal)
    }
  }

  const finished = run()
  // Reported through `finished`; without a listener it must not take the process down on its own.
  finished.catch(() => {})
  return {
    finished,
    async stop(): Promise<void> {
      stopping.abort()
      await finished.catch(() => {})
    },
  }
}
