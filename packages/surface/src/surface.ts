/**
 * One worker's untrusted half, put together: follow the chain, compute what falls to us, settle it, keep the seat.
 */
import { join } from 'node:path'
import type { CoreConfig } from '@enigma/core/calls'
import {
  type Clock,
  createLogger,
  createObservers,
  createRpc,
  createSender,
  type Logger,
  lockFolder,
  openDatabase,
  openValues,
  systemClock,
} from '@enigma/process'
import { type Address, type Hex, networkHash, RANKS, ZERO_HASH } from '@enigma/protocol'
import { createChain, createOperatorWallet } from './chain.ts'
import { createComputer } from './compute.ts'
import type { SurfaceConfig } from './config.ts'
import { createCoreHost, type LaunchWorkerCore, launcherWith } from './core-host.ts'
import { DATABASE_NAME, MIGRATIONS, SEALED_NAME } from './database.ts'
import { createEquivocationWatch } from './equivocation-watch.ts'
import { createFallbackPoster } from './fallback-poster.ts'
import { createFollower } from './follower.ts'
import { createIntake } from './intake.ts'
import { collateralFrom } from './joiner-evidence.ts'
import { openJournal } from './journal.ts'
import { createDues } from './key-dues.ts'
import { committedOf, createKeyKeeper } from './key-keeper.ts'
import { readPolicy } from './key-policy.ts'
import { createKeyProofs } from './key-proofs.ts'
import { createKeyRegistry } from './key-registry.ts'
import { createKeyTransactions } from './key-transactions.ts'
import { createLottery } from './lottery.ts'
import { checkDirectory, checkNetwork, WrongNetworkError } from './network-check.ts'
import { createNode } from './node.ts'
import { createObservations } from './observed.ts'
import { patiently } from './patience.ts'
import { createRound } from './round.ts'
import { createSeatKeeper } from './seat-keeper.ts'
import { createStateSource } from './state.ts'
import { type SurfaceStatus, statusOf } from './status.ts'
import { keptBlocks } from './window.ts'
import { createWork } from './work.ts'

export type SurfaceParts = { launch?: LaunchWorkerCore; clock?: Clock; log?: Logger }
export type Surface = {
  readonly operator: Address
  status(): SurfaceStatus
  /** Ends the seat's part in the lottery; tasks drawn before are still served, so keep it running until its exit epoch. */
  leave(): void
  /** Rejects if the worker cannot go on. */
  readonly finished: Promise<void>
  /** Lets tasks in hand come to rest, then stops Core and closes the journal. Nothing is lost by it, nor by kill -9. */
  stop(): Promise<void>
}

/** Starts a worker, or throws one typed error and leaves nothing running. */
export async function startSurface(config: SurfaceConfig, parts: SurfaceParts = {}): Promise<Surface> {
  const { clock = systemClock, log = createLogger('surface', { clock }) } = parts
  const unlock = lockFolder(config.dataDir)
  const closers: (() => void | Promise<void>)[] = [unlock]
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
  config: SurfaceConfig,
  parts: SurfaceParts & { clock: Clock; log: Logger },
  closers: (() => void | Promise<void>)[],
  close: () => Promise<void>,
): Promise<Surface> {
  const { clock, log } = parts
  const policy = readPolicy(config.policyFile)
  const db = openDatabase(join(config.dataDir, DATABASE_NAME), MIGRATIONS)
  closers.push(() => db.close())
  const values = openValues(db)
  const journal = openJournal(db)

  const stopping = new AbortController()
  const { signal } = stopping
  const network = networkOf(config)
  const identity = { chainId: config.chainId, enigma: config.enigma, networkHash: networkHash(network) }
  const rpc = createRpc(config.rpcUrl, { signal })
  const chain = createChain(rpc, config.enigma)
  const node = createNode(rpc, config.enigma)
  const state = createStateSource(rpc)
  const observers = createObservers({ ...network, urls: config.observerUrls }, { signal, log })
  const wallet = createOperatorWallet(rpc, config.chainId, config.operatorKey)

  const coreHost = createCoreHost({
    config: {
      role: 'worker',
      network,
      platform: config.platform,
      ...(config.platform === 'simulated' && { platformName: config.platformName }),
    },
    sealedPath: join(config.dataDir, SEALED_NAME),
    launch: parts.launch ?? launcherWith({ program: config.coreProgram, watchdogMs: config.coreWatchdogMs }, log),
    clock,
    log,
  })
  closers.push(() => coreHost.stop())
  // At the same time: a Core takes a moment to start.
  const [info, facts] = await Promise.all([
    coreHost.core().then((core) => core.info()),
    patiently(() => checkNetwork(chain, identity).then(() => chain.networkFacts()), config.contractWaitMs, parts),
  ])
  const genesis = await node.block(0n)
  if (info.networkHash !== identity.networkHash) {
    throw new WrongNetworkError('network hash of Core', info.networkHash, identity.networkHash)
  }
  checkDirectory(values, { ...identity, operator: wallet.address, firstBlockHash: genesis?.hash ?? ZERO_HASH })

  let signer = info.signer ?? undefined
  const settings = {
    replaceAfterBlocks: config.replaceAfterBlocks,
    tipWei: BigInt(config.tipGwei) * GWEI,
    mostFeeWei: BigInt(config.maxFeeGwei) * GWEI,
  }
  const sender = createSender({ db, wallet, settings, log })
  const keeper = createSeatKeeper({
    values,
    chain,
    facts,
    coreHost,
    sender,
    signer: () => signer,
    setSigner: (next) => {
      signer = next
    },
    measurement: info.measurement,
    clock,
    log,
  })
  const lottery = createLottery(chain)
  const { calldataOf } = node
  const { windowBlocks } = facts
  const watch = createEquivocationWatch({ calldataOf, chain, lottery, sender, domain: identity, windowBlocks, log })
  const intake = createIntake({ journal, lottery, sender, keeper, watch, domain: identity, clock, log })
  // Far enough back to meet every task whose windows are still open.
  const firstBlock = -BigInt(RANKS * facts.windowBlocks)
  const keepBlocks = keptBlocks(config.keepBlocks, facts.windowBlocks)
  const followerSettings = { firstBlock, keepBlocks, rangeBlocks: config.rangeBlocks }
  const follower = createFollower({ db, source: node, handler: intake.handler, settings: followerSettings })
  const observations = createObservations({ observers, node: state, clock, log })
  const computer = createComputer({
    node: state,
    observations,
    enigma: config.enigma,
    generations: () => committedOf(keyKeeper.status()),
    clock,
    log,
  })
  const registry = createKeyRegistry(rpc, config.enigma)
  const estimateGas = (from: Address, data: Hex, to: Address) => chain.estimateGas(from, data, 0n, to)
  const mostAnHour = config.keyTxPerHour
  const keyTransactions = { values, sender, registry: registry.address, estimateGas, mostAnHour, clock, log }
  const keyKeeper = createKeyKeeper({
    registry,
    chain,
    node,
    observers,
    proofs: createKeyProofs({ node, state, observations, depth: config.depth }),
    collateral: collateralFrom(config.attestationUrl, signal),
    policy,
    coreHost,
    seats: keeper,
    values,
    dues: createDues(createKeyTransactions(keyTransactions), log),
    signal,
    onReceived: computer.secretReceived,
    log,
  })
  const work = createWork({
    journal,
    lottery,
    computer,
    coreHost,
    sender,
    estimate: (data) => chain.estimateGas(wallet.address, data),
    enigma: config.enigma,
    windowBlocks: facts.windowBlocks,
    depth: config.depth,
    signer: () => signer,
    tasksAtOnce: config.tasksAtOnce,
    maxGasClass: config.maxGasClass,
    clock,
    log,
  })
  const startedAtMs = clock.nowMs()
  const { isolation, measurement } = info
  const round = createRound({
    follower,
    intake,
    work,
    sender,
    keeper,
    keyKeeper,
    postFallback: createFallbackPoster({ chain, facts, seats: keeper, sender, log }),
    watch,
    lottery,
    journal,
    checkNetwork: () => checkNetwork(chain, identity),
    balanceGwei: () => chain.balanceGwei(wallet.address),
    proving: () => {
      // What no task waits for is no trouble.
      const isWaiting = journal.counts().SEEN > 0
      return {
        observers: observers.health().map(({ url, fault }) => ({ host: new URL(url).host, fault: fault ?? null })),
        observersTrouble: isWaiting ? observations.trouble() : null,
        stateTrouble: isWaiting ? computer.trouble() : null,
        secretTrouble: isWaiting ? computer.secretTrouble() : null,
        proofs: computer.figures(),
      }
    },
    about: () => ({
      pid: process.pid,
      startedAtMs,
      operator: wallet.address,
      signer: signer ?? null,
      isolation,
      measurement,
      networkHash: info.networkHash,
    }),
    values,
    keepBlocks: BigInt(keepBlocks),
    pollMs: config.pollMs,
    clock,
    log,
  })
  const tip = follower.cursor()
  const block = tip && (await patiently(() => node.blockByHash(tip.hash), config.contractWaitMs, parts))
  if (block) intake.resume(block)
  await round.begin()
  closers.push(() => round.stop())
  closers.push(() => stopping.abort())
  log.info('worker-started', {
    operator: wallet.address,
    enigma: config.enigma,
    chainId: config.chainId,
    rpc: config.rpcUrl,
    isolation,
    measurement,
  })
  return {
    operator: wallet.address,
    status: () => statusOf(values, journal, sender.pendingCount()) as SurfaceStatus,
    leave: keeper.leave,
    finished: round.finished,
    stop: close,
  }
}

const GWEI = 1_000_000_000n

function networkOf(config: SurfaceConfig): CoreConfig['network'] {
  const { chainId, enigma, simulated, observers, threshold, depth, serial } = config
  return { chainId, enigma, simulated, observers: [...observers], threshold, depth, serial }
}
