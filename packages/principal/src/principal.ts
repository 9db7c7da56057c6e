/**
 * The Principal, put together: a Core with the beacon's key, the loop that posts seeds, the server that publishes them and, with
 * a key for it, answers as an observer.
 */
import { join } from 'node:path'
import type { CoreConfig } from '@enigma/core/calls'
import { launchCore } from '@enigma/core/launch'
import {
  type Clock,
  createLogger,
  createObservers,
  createRpc,
  createSender,
  type Logger,
  lockFolder,
  openDatabase,
  type Rpc,
  systemClock,
} from '@enigma/process'
import { type Hex, hexToBytes, networkHash } from '@enigma/protocol'
import { type LaunchBeaconCore, openBeacon } from './beacon.ts'
import { beaconRoute } from './beacon-route.ts'
import { createChain, createPrincipalWallet } from './chain.ts'
import type { PrincipalConfig } from './config.ts'
import { startLoop } from './loop.ts'
import { checkChain, checkNetwork, WrongNetworkError } from './network-check.ts'
import { headRoute } from './observer/head-route.ts'
import { headerRoute } from './observer/header-route.ts'
import { createObserver, type Observer } from './observer/observer.ts'
import { openSignedHeaders, type SignedHeaders } from './observer/signed-headers.ts'
import { seedRoute } from './seed-route.ts'
import { MIGRATIONS, openSeeds } from './seeds.ts'
import { startServer } from './server.ts'
import { settingsOf } from './settings.ts'
import { createObservedSource } from './source.ts'

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
  await checkChain(chain, config.chainId)

  const seeds = openSeeds(db)
  const observer = observerOf(config, { rpc, signed: openSignedHeaders(db), log })
  const server = await startServer(config, [
    seedRoute(seeds),
    beaconRoute({ ...beacon, beaconKey: beacon.publicKey }),
    ...(observer ? [headerRoute(observer), headRoute(observer)] : []),
  ])
  closers.push(() => server.stop())
  const urls = [...(observer ? [server.url] : []), ...config.observerUrls]
  const observers = createObservers({ ...network, urls }, { signal: stopping.signal, log })
  const loop = startLoop({
    chain,
    source: createObservedSource({ beacon, observers, log }),
    seeds,
    sender: createSender({ db, wallet, settings: settingsOf(config), log }),
    checkNetwork: () => checkNetwork(chain, expected),
    pollMs: config.pollMs,
    clock,
    log,
  })
  closers.push(() => loop.stop())
  closers.push(() => stopping.abort())
  const { measurement, isolation, publicKey } = beacon
  if (observer) log.info('observer-started', { signer: observer.address, depth: config.depth, url: server.url })
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

function networkOf(config: PrincipalConfig): CoreConfig['network'] {
  const { chainId, enigma, simulated, observers, threshold, depth, serial } = config
  return { chainId, enigma, simulated, observers: [...observers], threshold, depth, serial }
}

function observerOf(
  { chainId, depth, observerKey, followReorganisations: followsReorganisations }: PrincipalConfig,
  parts: { rpc: Rpc; signed: SignedHeaders; log: Logger },
): Observer | undefined {
  if (!observerKey) return undefined
  const secretKey = hexToBytes(observerKey.reveal() as Hex)
  return createObserver({ chainId, secretKey, depth, followsReorganisations }, parts)
}
