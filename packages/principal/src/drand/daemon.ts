/**
 * The drand relay, put together: the Principal's loop without its Core. It holds no secret but the key of the account that
 * pays, and what it posts anybody may.
 */
import { join } from 'node:path'
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
import { createChain, createPrincipalWallet } from '../chain.ts'
import { startLoop } from '../loop.ts'
import { checkChain } from '../network-check.ts'
import { seedRoute } from '../seed-route.ts'
import { MIGRATIONS, openSeeds } from '../seeds.ts'
import { startServer } from '../server.ts'
import { settingsOf } from '../settings.ts'
import type { DrandRelayConfig } from './config.ts'
import { createDrandSource } from './source.ts'

export type DrandRelayParts = { clock?: Clock; log?: Logger }
export type DrandRelay = {
  readonly url: string
  /** Rejects if the relay cannot go on. */
  readonly finished: Promise<void>
  stop(): Promise<void>
}

/** Starts a relay; ready once it listens and its node has shown to serve the right chain. The contract may come later. */
export async function startDrandRelay(config: DrandRelayConfig, parts: DrandRelayParts = {}): Promise<DrandRelay> {
  const { clock = systemClock } = parts
  const log = parts.log ?? createLogger('drand-relay', { clock })
  const closers: (() => void | Promise<void>)[] = [lockFolder(config.dataDir)]
  const stop = async () => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    const db = openDatabase(join(config.dataDir, 'drand-relay.db'), MIGRATIONS)
    closers.push(() => db.close())
    const stopping = new AbortController()
    const { signal } = stopping
    const rpc = createRpc(config.rpcUrl, { signal })
    const chain = createChain(rpc, config.enigma)
    const wallet = createPrincipalWallet(rpc, config.chainId, config.operatorKey)
    await checkChain(chain, config.chainId)
    const { drandUrl: urls, drandChain: chainHash } = config
    const seeds = openSeeds(db)
    const server = await startServer(config, [seedRoute(seeds)])
    closers.push(() => server.stop())
    const loop = startLoop({
      chain,
      source: createDrandSource({ chain, urls, chainHash, fetch: globalThis.fetch, signal, clock, log }),
      seeds,
      sender: createSender({ db, wallet, settings: settingsOf(config), log }),
      checkNetwork: async () => {
        await checkChain(chain, config.chainId)
        return chain.hasCode()
      },
      pollMs: config.pollMs,
      clock,
      log,
    })
    closers.push(() => loop.stop())
    closers.push(() => stopping.abort())
    log.info('drand-relay-started', { operator: wallet.address, enigma: config.enigma, url: server.url })
    return { url: server.url, finished: loop.finished, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
