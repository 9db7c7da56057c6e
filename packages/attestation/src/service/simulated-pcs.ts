/** Intel's PCS, played by software: answers as the real one does, so that the service has one way to fetch. */
import type { Collateral } from '../collateral.ts'
import { createSimulatedPki, type SimulatedPki, simulatedKind } from '../simulated/index.ts'
import { chainHeaders, wrapJson } from './document.ts'
import type { Fetch } from './upstream.ts'

const DAY = 86_400

/** A `fetch` that reaches no network; `now` in unix seconds. */
export function simulatedPcs(now: () => number): Fetch {
  let issued: { day: number; pki: SimulatedPki; collateral: Collateral } | undefined
  // A day's collateral is one: signing it anew for each question would only cost time.
  const issue = () => {
    const day = Math.floor(now() / DAY)
    if (issued?.day !== day) {
      const pki = createSimulatedPki({ now: now() })
      issued = { day, pki, collateral: pki.collateral() }
    }
    return issued
  }
  return async (url) => {
    const { pki, collateral } = issue()
    const respond = (body: string | Uint8Array<ArrayBuffer>, header?: string, chain = '') =>
      new Response(body, {
        headers: { 'Request-ID': 'simulated', ...(header ? { [header]: encodeURIComponent(chain) } : {}) },
      })
    switch (url.pathname) {
      case '/sgx/certification/v4/tcb': {
        if (url.searchParams.get('fmspc')?.toLowerCase() !== simulatedKind.fmspc) break
        const document = { content: collateral.tcbInfo, signature: collateral.tcbInfoSignature, issuerChain: '' }
        return respond(wrapJson('tcbInfo', document), chainHeaders.tcbInfo, collateral.tcbInfoIssuerChain)
      }
      case '/sgx/certification/v4/qe/identity': {
        const document = { content: collateral.qeIdentity, signature: collateral.qeIdentitySignature, issuerChain: '' }
        return respond(wrapJson('qeIdentity', document), chainHeaders.qeIdentity, collateral.qeIdentityIssuerChain)
      }
      case '/sgx/certification/v4/pckcrl': {
        if (url.searchParams.get('ca') !== 'platform') break
        return respond(
          new Uint8Array(Buffer.from(collateral.pckCrl, 'hex')),
          chainHeaders.pckCrl,
          pki.pckCrlIssuerChain,
        )
      }
      case '/sgx/certification/v4/rootcacrl':
        return respond(collateral.rootCaCrl)
    }
    return new Response(null, { status: 404 })
  }
}
