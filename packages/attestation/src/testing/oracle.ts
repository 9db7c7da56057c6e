/** `@phala/dcap-qvl`, another verifier, as an oracle for tests. Known gaps: differential.test.ts and vectors.test.ts. */
import { createRequire } from 'node:module'
import type { Collateral } from '../collateral.ts'

/** The part that is asked; the package has no types for `require`. */
type Oracle = {
  QuoteVerifier: {
    newWithRootCa(root: Buffer): {
      verify(quote: Buffer, collateral: object, at: number): { status: string; advisory_ids: string[] }
    }
  }
}

const oracle = createRequire(import.meta.url)('@phala/dcap-qvl') as Oracle

/** Its status and advisories, or `refused`: its reasons are text. */
export function askOracle(quote: Uint8Array, collateral: Collateral, root: Uint8Array, at: number): string {
  const asked = {
    pck_crl_issuer_chain: '',
    root_ca_crl: collateral.rootCaCrl,
    pck_crl: collateral.pckCrl,
    tcb_info_issuer_chain: collateral.tcbInfoIssuerChain,
    tcb_info: collateral.tcbInfo,
    tcb_info_signature: collateral.tcbInfoSignature,
    qe_identity_issuer_chain: collateral.qeIdentityIssuerChain,
    qe_identity: collateral.qeIdentity,
    qe_identity_signature: collateral.qeIdentitySignature,
  }
  try {
    const verified = oracle.QuoteVerifier.newWithRootCa(Buffer.from(root)).verify(Buffer.from(quote), asked, at)
    return `${verified.status} ${[...verified.advisory_ids].sort().join()}`
  } catch {
    return 'refused'
  }
}
