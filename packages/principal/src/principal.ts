/**
 * The Principal, put together: a Core with the beacon's key, the loop that posts seeds, the server that publishes them.
 */
import { join } from 'node:path'
import type { CoreConfig } from '@enigma/core/calls'
import { launchCore } from '@enigma/core/launch'
import {
  type Clock,
  createLogger,
  createRpc,
  createSender,
  type Logger,
  lockFolder,
  openDatabase,
  systemClock,
} from '@enigma/process'
import { type Hex, networkHash } from '@enigma/protocol'
import { type LaunchBeaconCore, openBeacon } from './beacon.ts'
import { createChain, createPrincipalWallet } from './chain.ts'
import type { PrincipalConfig } from './config.ts'
import { startLoop } from './loop.ts'
import { checkNetwork, WrongNetworkError } from './network-check.ts'
import { MIGRATIONS, openSeeds } from './seeds.ts'
import { startServer } from './server.ts'

export type PrincipalParts = { launch?: LaunchBeaconCore; clock?: Clock; log?: Logger }
export type Principal = {
  readonly url: string
  /** The beacon's public key: what `BlsBeacon` must be deployed with. */
  readonly beaconKey: Hex
  readonly measurement: Hex
  readonly networkHash: Hex
  /** Rejects if the Principal cannot go on. */
  readonly finished: Promise<void>
  stop(): Promise<void>
}

/**
 * Starts the Principal. Ready as soon as its key exists: the beacon contract must name that key, so the contracts may come
 * later, and it waits for them.
 */
export async function startPrincipal(config: PrincipalConfig, parts: PrincipalParts = {}): Promise<Principal> {
  const { clock = systemClock } = parts
  const log = parts.log ?? createLogger('principal', { clock })
  const closers: (() => void | Promise<void>)[] = [lockFolder(config.dataDir)]
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    return await start(config, { ...parts, clock, log }, closers, close)
  } catch (error) {
    await close()
    throw error
  }
}

async function start(
  config: PrincipalConfig,
  { launch, clock, log }: PrincipalParts & { clock: Clock; log: Logger },
  closers: (() => void | Promise<void>)[],
  close: () => Promise<void>,
): Promise<Principal> {
  const db = openDatabase(join(config.dataDir, 'principal.db'), MIGRATIONS)
  closers.push(() => db.close())
  const stopping = new AbortController()
  const rpc = createRpc(config.rpcUrl, { signal: stopping.signal })
  const chain = createChain(rpc, config.enigma)
  const wallet = createPrincipalWallet(rpc, config.chainId, config.operatorKey)
  const network = networkOf(config)
  const expected = { chainId: config.chainId, enigma: config.enigma, networkHash: networkHash(network) }

  const said = (code: string) => log.warn('core-said', { code })
  const beacon = await openBeacon({
    config: {
      role: 'principal',
      network,
      platform: config.platform,
      ...(config.platform === 'simulated' && { platformName: config.platformName }),
    },
    sealedPath: join(config.dataDir, 'core.sealed'),
    operator: wallet.address,
    recentBlock: () => chain.head(),
    launch: launch ?? ((core) => launchCore(core, { program: config.coreProgram, log: said })),
    log,
  })
  closers.push(() => beacon.stop())
  if (beacon.networkHash !== expected.networkHash) {
    throw new WrongNetworkError('network hash of Core', beacon.networkHash, expected.networkHash)
  }
  const chainId = await chain.chainId()
  if (chainId !== config.chainId) throw new WrongNetworkError('chain id', String(chainId), String(config.chainId))

  const settings = {
    replaceAfterBlocks: config.replaceAfterBlocks,
    tipWei: BigInt(config.tipGwei) * GWEI,
    mostFeeWei: BigInt(config.maxFeeGwei) * GWEI,
  }
  const seeds = openSeeds(db)
  const server = await startServer(config, seeds)
  closers.push(() => server.stop())
  const loop = startLoop({
    chain,
    beacon,
    seeds,
    sender: createSender({ db, wallet, settings, log }),
    checkNetwork: () => checkNetwork(chain, expected),
    pollMs: config.pollMs,
    clock,
    log,
  })
  closers.push(() => loop.stop())
  closers.push(() => stopping.abort())
  const { measurement, isolation, publicKey } = beacon
  log.info('principal-started', {
    operator: wallet.address,
    enigma: config.enigma,
    measurement,
    isolation,
    url: server.url,
  })
  return {
    url: server.url,
    beaconKey: publicKey,
    measurement,
    networkHash: beacon.networkHash,
    finished: loop.finished,
    stop: close,
  }
}

const GWEI = 1_000_000_000n

/** No observers, depth 0 and serial 0: enclaves do not observe headers themselves yet. */
function networkOf({ chainId, enigma, simulated }: PrincipalConfig): CoreConfig['network'] {
  return { chainId, enigma, simulated, observers: [], threshold: 0, depth: 0, serial: 0 }
}
