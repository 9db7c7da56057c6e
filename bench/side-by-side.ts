/** The verifier beside the JavaScript port of another, on the same quote, in one run: ratios hold where times do not. */
import { createRequire } from 'node:module'
import { trustRootOf, type VerifyP256, verifyQuote, verifyWithNoble } from '@enigma/attestation'
import { nodeP256 } from '../packages/attestation/src/testing/node-p256.ts'
import { type Figure, median } from './figure.ts'
import type { Sample } from './page/main.ts'
import { intelSample, simulatedSample } from './samples.ts'

const ROUNDS = 15

/** The part of @phala/dcap-qvl that is asked; it has no types for `require`. */
type Rival = {
  QuoteVerifier: { newWithRootCa(root: Buffer): { verify(quote: Buffer, collateral: unknown, at: number): unknown } }
}

export async function measureInNode(progress: (line: string) => void): Promise<Figure[]> {
  const sample = intelSample() ?? simulatedSample(1)
  progress(`Node: ${ROUNDS} rounds beside @phala/dcap-qvl …`)
  const ours: number[] = []
  const oursWithNode: number[] = []
  const theirs: number[] = []
  const rival = rivalOf(sample)
  for (let round = 0; round < ROUNDS; round++) {
    // A function of its own each time: what one has verified is remembered by the function.
    ours.push(timed(() => verifyOurs(sample, (...args) => verifyWithNoble(...args))))
    oursWithNode.push(timed(() => verifyOurs(sample, (...args) => nodeP256(...args))))
    theirs.push(timed(rival))
  }
  const bound = '@phala/dcap-qvl uses Node’s own P-256 and accepts revocation lists unchecked; ours checks both.'
  return [
    figure('quote in Node, nothing cached', median(ours)),
    { ...figure('quote in Node, nothing cached, Node’s P-256', median(oursWithNode)), bound },
    figure('the same by @phala/dcap-qvl', median(theirs)),
  ]
}

function verifyOurs({ quotes, collateral, trustRoot, at }: Sample, verifyP256: VerifyP256): void {
  const root = trustRootOf(Buffer.from(trustRoot, 'base64'))
  const quote = new Uint8Array(Buffer.from(quotes[0] ?? '', 'base64'))
  verifyQuote(quote, collateral, { at, trustRoot: root, policy: 'report-only', verifyP256 })
}

function rivalOf({ quotes, collateral, trustRoot, at }: Sample): () => void {
  const { QuoteVerifier } = createRequire(import.meta.url)('@phala/dcap-qvl') as Rival
  const asked = {
    tcb_info: collateral.tcbInfo,
    tcb_info_signature: collateral.tcbInfoSignature,
    tcb_info_issuer_chain: collateral.tcbInfoIssuerChain,
    qe_identity: collateral.qeIdentity,
    qe_identity_signature: collateral.qeIdentitySignature,
    qe_identity_issuer_chain: collateral.qeIdentityIssuerChain,
    root_ca_crl: collateral.rootCaCrl,
    pck_crl: collateral.pckCrl,
    pck_crl_issuer_chain: '',
  }
  const quote = Buffer.from(quotes[0] ?? '', 'base64')
  return () => QuoteVerifier.newWithRootCa(Buffer.from(trustRoot, 'base64')).verify(quote, asked, at)
}

function timed(run: () => void): number {
  const started = performance.now()
  run()
  return performance.now() - started
}

function figure(name: string, ms: number): Figure {
  return { name, value: Math.round(ms * 10) / 10, unit: 'ms', target: null, better: 'lower' }
}
