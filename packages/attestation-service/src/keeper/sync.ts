/** Brings the collateral on chain up to date once, and waits until all of it is mined. */
import type { TrustRoot } from '@enigma/attestation'
import {
  type Clock,
  createRpc,
  createSender,
  type Logger,
  openDatabase,
  type Rpc,
  type Secret,
  type Sender,
  systemClock,
  TRANSACTIONS_SCHEMA,
} from '@enigma/process'
import { type Address, EnigmaError, type Hex } from '@enigma/protocol'
import type { CollateralCache } from '../collateral-cache.ts'
import { trustRootOfHash } from '../trust.ts'
import { collect, type Kinds, mergeKinds } from './collect.ts'
import { type CollateralContract, createCollateralContract, createKeeperWallet } from './contract.ts'
import { appraise, createKeeper, type PartState } from './keeper.ts'
import type { Part } from './parts.ts'
import { openSeats, SEATS_SCHEMA } from './seats.ts'

export type SyncConfig = {
  readonly rpcUrl: string
  readonly verifier: Address
  /** Left out: says what would be sent, and sends nothing. */
  readonly key?: Secret
  readonly kinds: Kinds
  /** Enigma contract: the kinds of its live seats are added. */
  readonly enigma?: Address
}
export type SyncParts = {
  /** Makes the cache for the root that the contract trusts. */
  readonly cacheFor: (trustRoot: TrustRoot) => Pick<CollateralCache, 'getOwn'>
  readonly clock?: Clock
  readonly log: Logger
  readonly signal?: AbortSignal
}
export type SyncedPart = {
  readonly label: string
  /** `set` was mined; `wanted` would be sent, `waiting` after it; `unavailable` is not to be had from the source. */
  readonly state: 'set' | 'current' | 'wanted' | 'waiting' | 'refused' | 'unavailable'
  readonly reason?: string
  readonly code?: string
  readonly txHash?: Hex
  readonly gas?: bigint
}

const POLL_MS = 500
const GWEI = 1_000_000_000n
const SETTINGS = { replaceAfterBlocks: 3, tipWei: GWEI, mostFeeWei: 500n * GWEI }
/** Nobody: an estimate needs a sender, and any will do. */
const NOBODY: Address = '0x0000000000000000000000000000000000000001'

/** Returns how each part stands in the end. */
export async function syncCollateral(config: SyncConfig, parts: SyncParts): Promise<SyncedPart[]> {
  const { clock = systemClock, signal } = parts
  const rpc = createRpc(config.rpcUrl, signal ? { signal } : {})
  const contract = createCollateralContract(rpc, config.verifier)
  await contract.requireCode()
  await contract.requireSynced()
  const chainId = await contract.chainId()
  const trustRoot = trustRootOfHash(await contract.rootHash(), chainId)
  const kinds = config.enigma ? await addLiveKinds(config.kinds, rpc, config.enigma, contract) : config.kinds
  const { parts: wanted, missing } = await collect(kinds, { cache: parts.cacheFor(trustRoot), contract })
  const now = Math.floor(clock.nowMs() / 1000)
  const unavailable = missing.map(({ label, code }) => ({ label, state: 'unavailable' as const, code }))
  if (!config.key) return [...(await rehearse(contract, wanted, now)), ...unavailable]
  const db = openDatabase(':memory:', [TRANSACTIONS_SCHEMA])
  try {
    const wallet = createKeeperWallet(rpc, chainId, config.key)
    const sender = createSender({ db, wallet, settings: SETTINGS, log: parts.log })
    return [...(await send(contract, sender, wanted, now, { ...parts, clock })), ...unavailable]
  } finally {
    db.close()
  }
}

async function addLiveKinds(kinds: Kinds, rpc: Rpc, enigma: Address, contract: CollateralContract): Promise<Kinds> {
  const db = openDatabase(':memory:', [SEATS_SCHEMA])
  try {
    const seats = openSeats(db, rpc, enigma)
    await seats.follow((await contract.head()).number)
    return mergeKinds(kinds, await seats.kinds())
  } finally {
    db.close()
  }
}

async function rehearse(contract: CollateralContract, wanted: readonly Part[], now: number): Promise<SyncedPart[]> {
  const { states } = await appraise(wanted, { contract, from: NOBODY, isEager: true }, now)
  return states.map((found) => conclude(found, undefined))
}

async function send(
  contract: CollateralContract,
  sender: Sender,
  wanted: readonly Part[],
  now: number,
  { clock, log, signal }: SyncParts & { clock: Clock },
): Promise<SyncedPart[]> {
  const keeper = createKeeper({ contract, sender, settings: SETTINGS, log, isEager: true })
  const sent: (Sent | undefined)[] = []
  for (;;) {
    if (signal?.aborted) throw new SyncStoppedError()
    const head = await contract.head()
    await sender.tick(head)
    if (sender.pendingCount() > 0) {
      await clock.sleep(POLL_MS, signal)
      continue
    }
    const { states } = await keeper.tend(wanted, now, head)
    for (const [index, found] of states.entries()) if (found.state === 'sent') sent[index] = found
    if (states.every(({ state }) => state !== 'sent')) {
      return states.map((found, index) => conclude(found, findMined(sent[index], sender)))
    }
  }
}

type Sent = PartState & { readonly state: 'sent' }
type Mined = Pick<SyncedPart, 'reason' | 'txHash' | 'gas'>

function findMined(sent: Sent | undefined, sender: Sender): Mined | undefined {
  const transaction = sent && sender.find(sent.topic)
  if (!sent || transaction?.state !== 'mined' || !transaction.minedHash) return undefined
  const gas = transaction.gasUsed === null ? {} : { gas: transaction.gasUsed }
  return { reason: sent.reason, txHash: transaction.minedHash, ...gas }
}

function conclude(found: PartState, mined: Mined | undefined): SyncedPart {
  const { label, state } = found
  if (state === 'wanted' || state === 'waiting' || state === 'refused') return found
  return mined ? { label, state: 'set', ...mined } : { label, state: 'current' }
}

/** Thrown when somebody asked to stop; what was sent may still be mined, and the next run finds it. */
export class SyncStoppedError extends EnigmaError {
  override readonly name = 'Sync.SyncStoppedError'
  readonly code = 'SYNC_STOPPED'
  constructor() {
    super('Stopped before everything was on chain.', { hint: 'Run it again: it goes on from what the chain holds.' })
  }
}
