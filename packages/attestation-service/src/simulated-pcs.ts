/**
 * Intel's PCS, played by software over HTTP, so that a local network's service has the same one way to fetch.
 *
 * It has one kind of platform and one CA. What it issues can be changed while it runs, as Intel changes what it issues.
 */
import { type CollateralOptions, createSimulatedPki, simulatedKind } from '@enigma/attestation/simulated'
import { type Clock, type Logger, silentLogger, systemClock } from '@enigma/process'
import type { Document, DocumentName } from './document.ts'
import { startHttp } from './http.ts'
import { createPcsRoutes } from './pcs-routes.ts'
import { ProblemError } from './problem.ts'

export type SimulatedPcs = {
  readonly url: string
  /** Issues anew from now on, dated now: other levels, a revoked platform, a later evaluation. */
  change(options: Changes): void
  /** Publishes a TCB evaluation early: for `update=early` and by its number, beside the one in force. */
  publishEarly(options: Changes): void
  stop(): Promise<void>
}

type Changes = Omit<CollateralOptions, 'issuedAt'>
type Config = {
  readonly host?: string
  readonly port?: number
  /** Of the simulated PKI; its own by default, which `trustRoots.simulated` vouches for. */
  readonly name?: string
}
type Parts = { readonly clock?: Clock; readonly log?: Logger }

const DAY = 86_400
const EVALUATION = 17

export async function startSimulatedPcs(
  { host = '127.0.0.1', port = 0, name }: Config = {},
  { clock = systemClock, log = silentLogger }: Parts = {},
): Promise<SimulatedPcs> {
  const now = () => Math.floor(clock.nowMs() / 1000)
  let inForce: CollateralOptions = {}
  let early: CollateralOptions | undefined

  function optionsFor(wanted: DocumentName): CollateralOptions {
    if (wanted.kind === 'rootCaCrl' || wanted.kind === 'pckCrl') return inForce
    const { edition, kind } = wanted
    const numberOf = (options: CollateralOptions) => options[kind]?.tcbEvaluationDataNumber ?? EVALUATION
    if (edition === 'standard') return inForce
    if (edition === 'early') return early ?? inForce
    const found = [inForce, early].find((options) => options && numberOf(options) === edition)
    if (!found) throw new ProblemError('EVALUATION_GONE')
    return found
  }

  const issue = (options: CollateralOptions) => {
    // Renewed each day, as Intel does; a change is in force from its own time on.
    const { issuedAt = 0, ...changes } = options
    const isOfToday = issuedAt > Math.floor(now() / DAY) * DAY - DAY
    const pki = createSimulatedPki({ now: now(), ...(name === undefined ? {} : { name }) })
    return pki.collateral(isOfToday ? options : changes)
  }

  async function get(wanted: DocumentName): Promise<{ document: Document }> {
    const issued = issue(optionsFor(wanted))
    switch (wanted.kind) {
      case 'rootCaCrl':
        return { document: { content: issued.rootCaCrl, signature: '', issuerChain: '' } }
      case 'pckCrl': {
        if (wanted.ca !== 'platform') throw new ProblemError('UNKNOWN_PLATFORM')
        const issuerChain = issued.pckCrlIssuerChain ?? ''
        return { document: { content: issued.pckCrl, signature: '', issuerChain } }
      }
      case 'tcbInfo':
        if (wanted.tee !== 'sgx' || wanted.fmspc !== simulatedKind.fmspc) throw new ProblemError('UNKNOWN_PLATFORM')
        return document(issued.tcbInfo, issued.tcbInfoSignature, issued.tcbInfoIssuerChain)
      case 'qeIdentity':
        if (wanted.tee !== 'sgx') throw new ProblemError('UNKNOWN_PLATFORM')
        return document(issued.qeIdentity, issued.qeIdentitySignature, issued.qeIdentityIssuerChain)
    }
  }

  const server = await startHttp(
    { host, port, requestsPerMinute: 100_000, trustProxy: false },
    new Map(createPcsRoutes({ get })),
    { clock, log },
  )
  return {
    url: server.url,
    change(changes) {
      inForce = { ...changes, issuedAt: now() }
    },
    publishEarly(changes) {
      early = { ...changes, issuedAt: now() }
    },
    stop: server.stop,
  }
}

function document(content: string, signature: string, issuerChain: string): { document: Document } {
  return { document: { content, signature, issuerChain } }
}
