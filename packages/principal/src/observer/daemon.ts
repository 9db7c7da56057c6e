/**
 * An observer on its own, put together: a key, a node to ask, a memory, a server. No Core, no account, no transactions.
 */
import { join } from 'node:path'
import { createLogger, createRpc, type Logger, lockFolder, openDatabase, quantity } from '@enigma/process'
import { type Address, type Hex, hexToBytes } from '@enigma/protocol'
import { WrongNetworkError } from '../network-check.ts'
import { startServer } from '../server.ts'
import type { ObserverDaemonConfig } from './config.ts'
import { headRoute } from './head-route.ts'
import { headerRoute } from './header-route.ts'
import { createObserver } from './observer.ts'
import { openSignedHeaders, SIGNED_HEADERS_SCHEMA } from './signed-headers.ts'

export type ObserverDaemon = { readonly url: string; readonly observer: Address; stop(): Promise<void> }

/** Starts an observer; ready once it listens and its node has shown to serve the right chain. */
export async function startObserver(
  config: ObserverDaemonConfig,
  { log = createLogger('observer') }: { log?: Logger } = {},
): Promise<ObserverDaemon> {
  const unlock = lockFolder(config.dataDir)
  const db = openDatabase(join(config.dataDir, 'observer.db'), [SIGNED_HEADERS_SCHEMA])
  const stopping = new AbortController()
  try {
    const { chainId, depth, followReorganisations: followsReorganisations, rpcUrl } = config
    const rpc = createRpc(rpcUrl, { signal: stopping.signal })
    const found = quantity(await rpc.call('eth_chainId'), 'a chain id')
    if (found !== chainId) throw new WrongNetworkError('chain id', String(found), String(chainId))
    const secretKey = hexToBytes(config.observerKey.reveal() as Hex)
    const signed = openSignedHeaders(db)
    const observer = createObserver({ chainId, secretKey, depth, followsReorganisations }, { rpc, signed, log })
    const server = await startServer(config, [headerRoute(observer), headRoute(observer)])
    log.info('observer-started', { signer: observer.address, chainId, depth, url: server.url })
    return {
      url: server.url,
      observer: observer.address,
      async stop() {
        stopping.abort()
        await server.stop()
        db.close()
        unlock()
      },
    }
  } catch (error) {
    db.close()
    unlock()
    throw error
  }
}
