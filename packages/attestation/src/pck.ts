/** The platform's certificate: its chain to the root, its revocation list, and what Intel certified in it. */
import { bytesToHex } from '@enigma/protocol'
import { refuse } from './attestation-error.ts'
import { type Certificate, parseCertificate } from './certificate.ts'
import { checkCrl, checkIssued, checkValidity } from './chain.ts'
import type { Crl } from './crl.ts'
import { parsePem } from './pem.ts'
import { parseQuote, type Quote } from './quote.ts'
import { type PlatformTcb, readPlatformTcb } from './sgx-extension.ts'
import { isRoot, parseCrlHex, type Trust } from './trust.ts'

export type Pck = {
  readonly leaf: Certificate
  readonly ca: Certificate
  readonly crl: Crl
  readonly tcb: PlatformTcb
}

/** Certification data that is the PCK chain in PEM; types 1 to 3 only name the platform. */
export const PCK_CHAIN = 5

/** Verifies a chain in PEM (leaf, CA, root) and the revocation list of its CA. */
export function verifyPck(
  chain: string,
  collateral: { pckCrl: string; pckCrlIssuerChain?: string },
  trust: Trust,
): Pck {
  const [leafDer, caDer, rootDer, ...rest] = parsePem(chain) ?? []
  if (!leafDer || !caDer || !rootDer || rest.length > 0) return refuse('PCK_CHAIN')
  const leaf = parseCertificate(leafDer)
  const ca = parseCertificate(caDer)
  if (!isRoot(rootDer, trust)) refuse('PCK_ROOT_UNTRUSTED')
  checkCaName(ca, trust)
  checkLeafRole(leaf, trust)
  checkCa(ca, trust)
  checkIssued(leaf, ca, 'PCK', trust.verify)
  checkValidity(leaf, trust.at, 'PCK')
  const crl = parseCrlHex(collateral.pckCrl)
  checkCrl(crl, ca, trust.at, 'PCK', trust.verify)
  // Not needed here, but who keeps collateral takes it from there: what comes with a verdict has been verified.
  if (collateral.pckCrlIssuerChain !== undefined) verifyPckCrl(collateral.pckCrl, collateral.pckCrlIssuerChain, trust)
  if (crl.revoked.has(leaf.serial)) refuse('PCK_REVOKED', leaf.serial)
  return { leaf, ca, crl, tcb: readPlatformTcb(leaf) }
}

/** Verifies a PCK revocation list by itself, with the chain (CA, root) of its issuer: for who caches it. */
export function verifyPckCrl(pckCrl: string, issuerChain: string, trust: Trust): { ca: Certificate; crl: Crl } {
  const [caDer, rootDer, ...rest] = parsePem(issuerChain) ?? []
  if (!caDer || !rootDer || rest.length > 0) return refuse('PCK_CHAIN')
  const ca = parseCertificate(caDer)
  if (!isRoot(rootDer, trust)) refuse('PCK_ROOT_UNTRUSTED')
  checkCaName(ca, trust)
  checkCa(ca, trust)
  const crl = parseCrlHex(pckCrl)
  checkCrl(crl, ca, trust.at, 'PCK', trust.verify)
  return { ca, crl }
}

/** Names separate the roles that certificates of one root play: a TCB signer is no platform. */
function checkCaName(ca: Certificate, { label }: Trust): void {
  const { commonName } = ca.subject
  const isPckCa = commonName === `${label} SGX PCK Platform CA` || commonName === `${label} SGX PCK Processor CA`
  if (!isPckCa) refuse('PCK_CA_CN', commonName)
}

function checkLeafRole(leaf: Certificate, { label }: Trust): void {
  if (leaf.subject.commonName !== `${label} SGX PCK Certificate`) refuse('PCK_CN', leaf.subject.commonName)
  if (leaf.isCa) refuse('PCK_IS_CA')
  if (!leaf.maySign) refuse('PCK_KEY_USAGE')
}

function checkCa(ca: Certificate, trust: Trust): void {
  checkIssued(ca, trust.root, 'PCK_CA', trust.verify)
  checkValidity(ca, trust.at, 'PCK_CA')
  if (trust.crl.revoked.has(ca.serial)) refuse('PCK_CA_REVOKED', ca.serial)
}

/**
 * Which collateral a quote asks for, read before anything is verified: if it lies, verification refuses what it fetched.
 * `fmspc` in hex without prefix, as Intel's service wants it.
 */
export function platformOf(quoteBytes: Uint8Array): {
  tee: 'sgx' | 'tdx'
  fmspc: string
  ca: 'platform' | 'processor'
} {
  const quote = parseQuote(quoteBytes)
  const [leaf] = parsePem(findChain(quote, undefined)) ?? []
  if (!leaf) return refuse('PCK_CHAIN')
  return { tee: quote.body.kind === 'sgx' ? 'sgx' : 'tdx', ...platformOfLeaf(leaf) }
}

/** The same, of a PCK certificate in DER: for a quote that travels without its chain. */
export function platformOfLeaf(leafDer: Uint8Array): { fmspc: string; ca: 'platform' | 'processor' } {
  const leaf = parseCertificate(leafDer)
  const fmspc = bytesToHex(readPlatformTcb(leaf).fmspc).slice(2)
  return { fmspc, ca: leaf.issuer.commonName.endsWith(' SGX PCK Processor CA') ? 'processor' : 'platform' }
}

/** The text of the chain that a quote carries, or of the given one where it carries none. */
export function findChain({ certification }: Quote, fromCollateral: string | undefined): string {
  if (certification.type !== PCK_CHAIN) return fromCollateral ?? refuse('CERT_TYPE', `${certification.type}`)
  let text = ''
  for (const byte of certification.data) text += String.fromCharCode(byte)
  return text
}
