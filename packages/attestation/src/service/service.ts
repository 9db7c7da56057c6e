/**
 * The Attestation service: serves Intel's collateral to whoever cannot reach Intel, and says what it makes of a quote.
 *
 * Nobody needs to trust it for privacy: clients verify what it serves. For now the contract takes its signed verdict
 * for the admission of a seat; docs/security.md says what that means.
 */
import { type Address, hexToBytes, signerAddress } from '@enigma/protocol'
import { trustRoots } from '../trust-roots.ts'
import { createCollateralCache } from './collateral-cache.ts'
import type { ServiceConfig } from './config.ts'
import { startHttp } from './http.ts'
import type { Log } from './log.ts'
import { createRoutes } from './routes.ts'
import { simulatedPcs } from './simulated-pcs.ts'
import { createUpstream, type Fetch } from './upstream.ts'

export type AttestationService = {
  readonly url: string
  /** Whose signature the contract must know. */
  readonly attester: Address
  stop(): Promise<void>
}

export type ServiceParts = {
  /** Unix seconds. */
  readonly now: () => number
  readonly log: Log
  /** How Intel's service is reached; `fetch` itself but in tests. */
  readonly fetch: Fetch
}

export async function startAttestationService(config: ServiceConfig, parts: ServiceParts): Promise<AttestationService> {
  const { now, log } = parts
  const isSimulated = config.pcs === 'simulated'
  const trustRoot = isSimulated ? trustRoots.simulated : trustRoots.intel
  const attesterKey = hexToBytes(config.attesterKey)
  const attester = signerAddress(attesterKey)
  const stopping = new AbortController()
  // A name that reaches nothing: the simulated PCS looks at paths alone.
  const pcs = isSimulated ? 'http://simulated' : config.pcs
  const fetchDocument = createUpstream(pcs, isSimulated ? simulatedPcs(now) : parts.fetch, stopping.signal)
  const cache = createCollateralCache({ fetchDocument, trustRoot, now, refreshSeconds: config.refreshSeconds, log })
  const { chainId, verifier } = config
  const routes = createRoutes({ cache, trustRoot, domain: { chainId, verifier }, attesterKey, now, log })
  const server = await startHttp(config, routes, log)
  log('info', 'ready', { url: server.url, attester, pcs: config.pcs, trustRoot: trustRoot.name })
  return {
    url: server.url,
    attester,
    async stop() {
      stopping.abort()
      await server.stop()
      log('info', 'stopped')
    },
  }
}
