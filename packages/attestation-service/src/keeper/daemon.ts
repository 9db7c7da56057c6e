/** The keeper as part of the service: looks at the chain again and again, and waits where the node is away. */
import type { TrustRoot } from '@enigma/attestation'
import {
  backoffMs,
  type Clock,
  codeOf,
  createRpc,
  createSender,
  type Database,
  type Logger,
  openValues,
  type Secret,
  TRANSACTIONS_SCHEMA,
} from '@enigma/process'
import { type Address, EnigmaError } from '@enigma/protocol'
import type { CollateralCache } from '../collateral-cache.ts'
import { rootHashOf, UntrustedRootError } from '../trust.ts'
import { collect, type Kinds, mergeKinds, type SeatKind } from './collect.ts'
import { createCollateralContract, createKeeperWallet } from './contract.ts'
import { createKeeper } from './keeper.ts'
import { openSeats, SEATS_SCHEMA } from './seats.ts'

export const KEEPER_SCHEMA = `${TRANSACTIONS_SCHEMA}; ${SEATS_SCHEMA}`

export type KeeperConfig = {
  readonly rpcUrl: string
  readonly chainId: bigint
  readonly verifier: Address
  /** Whose seats are looked after; undefined: only what is configured. */
  readonly enigma: Address | undefined
  readonly key: Secret
  readonly kinds: Kinds
  readonly lookSeconds: number
  readonly pollMs: number
  readonly replaceAfterBlocks: number
  readonly tipWei: bigint
  readonly mostFeeWei: bigint
}
export type KeeperDaemonParts = {
  readonly db: Database
  readonly cache: Pick<CollateralCache, 'getOwn' | 'want'>
  readonly trustRoot: TrustRoot
  readonly clock: Clock
  readonly log: Logger
  readonly onPush?: (part: string, outcome: string) => void
  readonly onBalance?: (wei: bigint) => void
  /** The chain holds all that it should, and believes it. */
  readonly onKept?: () => void
}

/** Transactions are remembered for about a week of 12-second blocks. */
const REMEMBERED_BLOCKS = 50_000n
/** As deep as a reorganisation is looked for. */
const REORG_BLOCKS = 64n

export function startKeeper(config: KeeperConfig, parts: KeeperDaemonParts) {
  const { db, cache, trustRoot, clock, log, onPush, onBalance, onKept } = parts
  const stopping = new AbortController()
  const { signal } = stopping
  const rpc = createRpc(config.rpcUrl, { signal })
  const contract = createCollateralContract(rpc, config.verifier)
  const wallet = createKeeperWallet(rpc, config.chainId, config.key)
  forgetOtherAccount(db, `${config.chainId} ${wallet.address}`)
  const sender = createSender({ db, wallet, settings: config, log })
  const keeper = createKeeper({
    ...{ contract, sender, settings: config, log, isEager: false },
    ...(onPush && { onPush }),
    ...(onBalance && { onBalance }),
  })
  const seats = config.enigma && openSeats(db, rpc, config.enigma)
  let isChecked = false
  let seatKinds: readonly SeatKind[] = []
  let lastHead: { number: bigint; hash: string } | undefined
  let lookAtMs = 0
  let failures = 0

  /** The contract may be deployed later. Another chain or root is a mistake that waiting cannot mend. */
  async function check(): Promise<void> {
    await contract.requireSynced()
    if (isChecked) return
    const chainId = await contract.chainId()
    if (chainId !== config.chainId) throw new WrongChainError(chainId, config.chainId)
    await contract.requireCode()
    const rootHash = await contract.rootHash()
    if (rootHash !== rootHashOf(trustRoot)) {
      throw new UntrustedRootError(`The contract trusts the root ${rootHash}, this service another.`)
    }
    isChecked = true
    log.info('keeper-started', { operator: wallet.address })
  }

  /** Blocks that vanished may have taken ours with them: what became of them is asked anew. So it is after a start. */
  async function noticeReorganisation(head: { number: bigint; hash: string }): Promise<void> {
    if (head.hash === lastHead?.hash) return
    const isGrown = lastHead && (await contract.blockHash(lastHead.number)) === lastHead.hash
    if (!isGrown) sender.rollback(head.number - REORG_BLOCKS)
    lastHead = head
  }

  /** What is known already is looked after even where the events cannot be read. */
  async function kindsNow(head: bigint): Promise<{ kinds: Kinds; isAll: boolean }> {
    if (!seats) return { kinds: config.kinds, isAll: true }
    const codes = [
      await codeOfFailure(() => seats.follow(head)),
      await codeOfFailure(async () => {
        seatKinds = await seats.kinds()
      }),
    ]
    const code = codes.find((found) => found !== undefined)
    keeper.complain('seats', code)
    return { kinds: mergeKinds(config.kinds, seatKinds), isAll: code === undefined }
  }

  async function once(): Promise<void> {
    await check()
    const head = await contract.head()
    await noticeReorganisation(head)
    const hadPending = sender.pendingCount() > 0
    await sender.tick(head)
    if (sender.pendingCount() > 0) return
    // What was mined just now may be what another part waited for.
    if (!hadPending && clock.nowMs() < lookAtMs) return
    const { kinds, isAll } = await kindsNow(head.number)
    const found = await collect(kinds, { cache, contract })
    cache.want(found.names)
    for (const { label, code } of found.missing) keeper.complain(label, code)
    // What ends is what ends on chain, however late it is here.
    const now = Math.max(Math.floor(clock.nowMs() / 1000), Number(head.timestamp))
    const { states, faults } = await keeper.tend(found.parts, now, head)
    lookAtMs = clock.nowMs() + config.lookSeconds * 1000
    const isDone = states.every(({ state }) => state === 'current' || state === 'unneeded')
    if (isAll && isDone && found.missing.length === 0 && faults.size === 0) onKept?.()
    sender.prune(head.number - REMEMBERED_BLOCKS)
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      let waitMs = config.pollMs
      try {
        await once()
        failures = 0
      } catch (error) {
        if (
          !(error instanceof EnigmaError) ||
          error instanceof WrongChainError ||
          error instanceof UntrustedRootError
        ) {
          throw error
        }
        if (signal.aborted) return
        waitMs = backoffMs(++failures, config.pollMs, 60_000)
        if ((failures & (failures - 1)) === 0) log.warn('keeper-waits', { code: codeOf(error), attempt: failures })
      }
      await clock.sleep(waitMs, signal)
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

async function codeOfFailure(act: () => Promise<void>): Promise<string | undefined> {
  try {
    await act()
    return undefined
  } catch (error) {
    if (error instanceof EnigmaError) return codeOf(error)
    throw error
  }
}

/** Another account's nonces would hold this one up for ever. */
function forgetOtherAccount(db: Database, account: string): void {
  const values = openValues(db)
  if (values.get<string>('account') === account) return
  db.exec('DELETE FROM tx')
  values.set('account', account)
}

/** Thrown when the node is of another chain. */
export class WrongChainError extends EnigmaError {
  override readonly name = 'Keeper.WrongChainError'
  readonly code = 'WRONG_CHAIN'
  constructor(found: bigint, expected: bigint) {
    super(`The node serves chain ${found}, not ${expected}.`, { hint: 'Check --rpc-url and --chain-id.' })
  }
}
