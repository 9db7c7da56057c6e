/**
 * The Attestation service, put together: a cache of Intel's collateral that verifies what it serves, a verifier for who has
 * none, and the keeper of the collateral on chain.
 *
 * Nobody needs to trust it: clients, Cores and the contract verify for themselves.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defaultPolicy, type Policy, parsePolicy, trustRoots } from '@enigma/attestation'
import {
  type Clock,
  createLogger,
  type Database,
  type Logger,
  lockFolder,
  openDatabase,
  systemClock,
} from '@enigma/process'
import { EnigmaError } from '@enigma/protocol'
import { createCollateralCache } from './collateral-cache.ts'
import type { AttestationConfig } from './config.ts'
import { DOCUMENTS_SCHEMA, openDocuments } from './document-store.ts'
import { startHttp } from './http.ts'
import { KEEPER_SCHEMA, type KeeperDaemonParts, startKeeper } from './keeper/daemon.ts'
import { createMetrics } from './metrics.ts'
import { startRefresher } from './refresher.ts'
import { createRoutes } from './routes.ts'
import { loadTokenKey } from './token-key.ts'
import { createUpstream, type Fetch } from './upstream.ts'

export type AttestationService = {
  readonly url: string
  /** Rejects if the service cannot go on. */
  readonly finished: Promise<void>
  stop(): Promise<void>
}
export type ServiceParts = {
  readonly clock?: Clock
  readonly log?: Logger
  /** How the upstream is reached; `fetch` itself but in tests. */
  readonly fetch?: Fetch
  /** From 0 up to 1. */
  readonly random?: () => number
}
type Closers = (() => void | Promise<void>)[]

const MIGRATIONS = [DOCUMENTS_SCHEMA, KEEPER_SCHEMA]
const GWEI = 1_000_000_000n

/** Starts the service; resolves once it answers. Leaves nothing behind if it cannot. */
export async function startAttestationService(
  config: AttestationConfig,
  {
    clock = systemClock,
    log = createLogger('attestation', { clock }),
    fetch = globalThis.fetch,
    random = Math.random,
  }: ServiceParts = {},
): Promise<AttestationService> {
  const closers: Closers = [lockFolder(config.dataDir)]
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    return { ...(await start(config, { clock, log, fetch, random }, closers)), stop: close }
  } catch (error) {
    await close()
    throw error
  }
}

async function start(
  config: AttestationConfig,
  { clock, log, fetch, random }: Required<ServiceParts>,
  closers: Closers,
) {
  const { dataDir, upstream, rootCrlUrl, refreshSeconds, alertSeconds } = config
  const trustRoot = trustRoots[config.trustRoot]
  const policy = config.policy === undefined ? defaultPolicy : readPolicy(config.policy)
  const tokenKey = await loadTokenKey(config.tokenKey, join(dataDir, 'token-key.pem'))
  const db = openDatabase(join(dataDir, 'attestation.db'), MIGRATIONS)
  closers.push(() => db.close())
  const stopping = new AbortController()
  const now = () => Math.floor(clock.nowMs() / 1000)
  const metrics = createMetrics(() => cache, now)
  const cache = createCollateralCache({
    fetchDocument: createUpstream({ url: upstream, rootCrlUrl, fetch, clock, random, signal: stopping.signal }),
    store: openDocuments(db),
    ...{ trustRoot, clock, random, refreshSeconds, log },
    onFetch: metrics.fetch,
  })
  cache.load()
  keepConfigured(cache, config)
  const routes = createRoutes({ cache, trustRoot, policy, tokenKey, metrics, alertSeconds, clock, log })
  const server = await startHttp(config, routes, { clock, log, onRequest: metrics.request })
  closers.push(() => server.stop())
  const refresher = startRefresher(cache, clock, log)
  closers.push(() => refresher.stop())
  const keeper = startConfiguredKeeper(config, {
    ...{ db, cache, trustRoot, clock, log },
    onPush: metrics.push,
    onBalance: metrics.balance,
    onKept: metrics.kept,
  })
  if (keeper) closers.push(() => keeper.stop())
  closers.push(() => stopping.abort())
  log.info('attestation-started', { url: server.url, upstream, trustRoot: trustRoot.name })
  return { url: server.url, finished: Promise.race([refresher.finished, ...(keeper ? [keeper.finished] : [])]) }
}

function keepConfigured({ keep }: ReturnType<typeof createCollateralCache>, { fmspcs, cas }: AttestationConfig): void {
  keep({ kind: 'rootCaCrl' })
  keep({ kind: 'qeIdentity', tee: 'sgx', edition: 'standard' })
  for (const ca of cas) keep({ kind: 'pckCrl', ca: ca as 'platform' | 'processor' })
  for (const fmspc of fmspcs) keep({ kind: 'tcbInfo', tee: 'sgx', fmspc, edition: 'standard' })
}

function startConfiguredKeeper(config: AttestationConfig, parts: KeeperDaemonParts & { db: Database }) {
  const { rpcUrl, verifier, keeperKey, chainId, enigma, pollMs, replaceAfterBlocks } = config
  if (rpcUrl === undefined || verifier === undefined || keeperKey === undefined) return undefined
  const kinds = { fmspcs: config.fmspcs, cas: config.cas as readonly ('platform' | 'processor')[] }
  return startKeeper(
    {
      ...{ rpcUrl, chainId, verifier, enigma, key: keeperKey, kinds, pollMs, replaceAfterBlocks },
      lookSeconds: config.keeperSeconds,
      tipWei: BigInt(config.tipGwei) * GWEI,
      mostFeeWei: BigInt(config.maxFeeGwei) * GWEI,
    },
    parts,
  )
}

function readPolicy(path: string): Policy {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    throw new PolicyFileError(path)
  }
  return parsePolicy(json)
}

/** Thrown when the policy's file is not there, or not JSON. */
export class PolicyFileError extends EnigmaError {
  override readonly name = 'Service.PolicyFileError'
  readonly code = 'POLICY_FILE'
  constructor(path: string) {
    super(`${path} cannot be read as JSON.`, { hint: 'docs/protocol/attestation.md describes the policy file.' })
  }
}
