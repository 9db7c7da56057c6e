/**
 * The worker's loop: look at the chain, act, sleep; and when the node is away, wait and go on where it was.
 */
import { type Block, backoffMs, type Clock, codeOf, type Logger, type Sender, type Values } from '@enigma/process'
import { EnigmaError } from '@enigma/protocol'
import type { EquivocationWatch } from './equivocation-watch.ts'
import type { FallbackPoster } from './fallback-poster.ts'
import type { Follower } from './follower.ts'
import type { Intake } from './intake.ts'
import type { Journal } from './journal.ts'
import type { KeyKeeper } from './key-keeper.ts'
import type { Lottery } from './lottery.ts'
import type { HeldSeat, SeatKeeper } from './seat-keeper.ts'
import { type LiveStatus, type Proving, writeStatus } from './status.ts'
import type { Work } from './work.ts'

type Parts = {
  follower: Follower
  intake: Intake
  work: Work
  sender: Sender
  keeper: SeatKeeper
  keyKeeper: KeyKeeper
  postFallback: FallbackPoster
  watch: Pick<EquivocationWatch, 'tick'>
  lottery: Lottery
  journal: Journal
  checkNetwork: () => Promise<void>
  balanceGwei: () => Promise<bigint>
  about: () => Pick<
    LiveStatus,
    'pid' | 'startedAtMs' | 'operator' | 'signer' | 'isolation' | 'measurement' | 'networkHash'
  >
  proving: () => Proving
  values: Values
  keepBlocks: bigint
  pollMs: number
  clock: Clock
  log: Logger
}

/** Chores come round at each head, and after this long where there is none: a chain may stand still. */
const CHORES_MS = 1_000
/** Ended tasks and transactions are remembered for about a week of 12-second blocks. */
const REMEMBERED_BLOCKS = 50_000n

export function createRound(parts: Parts) {
  const { follower, intake, work, sender, keeper, keyKeeper, lottery, journal, values, pollMs, clock, log } = parts
  const stopping = new AbortController()
  const isStopping = () => stopping.signal.aborted
  let failures = 0
  let lastHead: Block | undefined
  let chores = Promise.resolve()
  let areChoresDone = true
  let keyWork = Promise.resolve()
  let isKeyWorkDone = true
  /** Whether the status is older than what was done last. */
  let hasNews = false
  let choresAtMs = 0
  let balanceGwei = 0n
  let rpc: LiveStatus['rpc'] = 'up'

  /** Steps to the head; tasks are kicked as soon as it is reached. */
  async function follow(): Promise<void> {
    for (let step = await follower.step(); !isStopping(); step = await follower.step()) {
      const newest = intake.newest()
      if (newest && (step === 'arrived' || step === 'idle')) work.kick(newest)
      if (step === 'arrived' || step === 'idle') return
    }
  }

  /** What must not hold up a task: the seat, commands, balance. A new head comes by again if these still run. */
  function doChores(head: Block): void {
    if (!areChoresDone) return
    areChoresDone = false
    choresAtMs = clock.nowMs()
    const run = async () => {
      await parts.postFallback(head)
      await lottery.prepare(keeper.epochAt(head.number))
      lottery.forgetBefore(keeper.epochAt(head.number) - 2)
      await keeper.tick(head)
      balanceGwei = await parts.balanceGwei()
      if (head.number % 64n === 0n) {
        journal.prune(head.number - REMEMBERED_BLOCKS, head.number - parts.keepBlocks)
        sender.prune(head.number - REMEMBERED_BLOCKS)
      }
      // Last: a node may not show whole blocks, which must hold up none of the above.
      await parts.watch.tick(head)
    }
    chores = run()
      .catch((error) => log.warn('chore-failed', { code: codeOf(error) }))
      .finally(() => {
        areChoresDone = true
      })
  }

  /** In its own time: another's quote is fetched and verified here, which must hold up neither tasks nor the seat. */
  function doKeyWork(head: Block): void {
    if (!isKeyWorkDone) return
    isKeyWorkDone = false
    keyWork = keyKeeper.tick(head).then(() => {
      isKeyWorkDone = true
      hasNews = true
    })
  }

  async function once(): Promise<void> {
    // After an outage, whoever answers now may be another node.
    if (failures > 0) await parts.checkNetwork()
    await follow()
    const head = intake.newest()
    if (failures > 0) log.info('rpc-back', { attempt: failures })
    const wasAway = failures > 0
    failures = 0
    if (!head) return
    const isNew = head.hash !== lastHead?.hash
    if (!isNew && !wasAway && clock.nowMs() - choresAtMs < CHORES_MS) {
      if (hasNews) note()
      return
    }
    lastHead = head
    doChores(head)
    doKeyWork(head)
    await sender.tick(head)
    rpc = 'up'
    note()
  }

  function note(): void {
    const head = intake.newest() ?? lastHead
    const seat = keeper.held()
    hasNews = false
    writeStatus(
      values,
      {
        ...parts.about(),
        ...parts.proving(),
        rpc,
        headBlock: String(head?.number ?? 0n),
        epoch: head ? keeper.epochAt(head.number) : 0,
        balanceGwei: String(balanceGwei),
        seat: seat ? seatFacts(seat) : null,
        seatState: head ? keeper.state(head) : 'none',
        seatTrouble: keeper.trouble() ?? null,
        secret: keyKeeper.status() ?? null,
      },
      clock,
    )
  }

  async function run(): Promise<void> {
    while (!isStopping()) {
      let waitMs = pollMs
      try {
        await once()
      } catch (error) {
        if (!(error instanceof EnigmaError)) throw error
        failures++
        waitMs = backoffMs(failures, pollMs)
        // Said once at its beginning and then at each doubling, not at each try.
        if ((failures & (failures - 1)) === 0)
          log.warn('rpc-away', { code: codeOf(error), attempt: failures, retryMs: waitMs })
        rpc = 'down'
        if (failures === 1) note()
      }
      await clock.sleep(waitMs, stopping.signal)
    }
  }

  let finished: Promise<void> = Promise.resolve()
  return {
    /** The first look at the chain, whose failure is the start's failure; then the loop. */
    async begin(): Promise<void> {
      await once()
      const head = intake.newest()
      if (head) keeper.comeBack(head)
      finished = run()
      // Reported through `finished`; without a listener it must not take the process down on its own.
      finished.catch(() => {})
    },
    get finished(): Promise<void> {
      return finished
    },
    async stop(): Promise<void> {
      stopping.abort()
      await work.stop()
      await finished.catch(() => {})
      await Promise.all([chores, keyWork])
    },
  }
}

function seatFacts({ id, activeEpoch, exitEpoch, ended }: HeldSeat): LiveStatus['seat'] {
  return { id, activeEpoch, exitEpoch, ...(ended && { ended }) }
}
