/** Collateral as the contract takes it: certificates and lists in DER, JSON as signed, in the order of a first filling. */
import type { Certificate } from '@enigma/attestation/documents'
import { bytesToHex, type Hex, hexToBytes, keccak256, utf8 } from '@enigma/protocol'
import type { Served } from '../collateral-cache.ts'
import type { CollateralContract, DocumentView } from './contract.ts'

type Common = {
  /** `pckCrl-platform`, as in logs. */
  readonly label: string
  readonly call: Call
}
export type Call =
  | { readonly functionName: 'setRootCrl' | 'setPckCa' | 'setPckCrl' | 'setTcbSigner'; readonly args: readonly [Hex] }
  | { readonly functionName: 'setTcbInfo' | 'setQeIdentity'; readonly args: readonly [Hex, Hex, Hex] }

export type CrlPart = Common & {
  readonly kind: 'rootCrl' | 'pckCrl'
  /** keccak256 of the issuer's distinguished name. */
  readonly issuer: Hex
  /** Unix seconds, and so below. */
  readonly issuedAt: number
  readonly nextUpdate: number
  /** As 32 bytes. */
  readonly revoked: readonly Hex[]
}
export type CertificatePart = Common & {
  readonly kind: 'pckCa' | 'tcbSigner'
  /** keccak256 of its own distinguished name. */
  readonly subject: Hex
  readonly serial: Hex
  readonly notBefore: number
  readonly notAfter: number
}
export type DocumentPart = Common & {
  readonly kind: 'tcbInfo' | 'qeIdentity'
  readonly fmspc: Hex
  readonly pceId: Hex
  readonly issuedAt: number
  readonly nextUpdate: number
  readonly evaluationNumber: number
  /** From when on its signer may sign. */
  readonly signerSince: number
}
export type Part = CrlPart | CertificatePart | DocumentPart

/** What one document brings: itself, and the certificate behind it where that is not the root's. */
export function partsOf({ document, read }: Served): Part[] {
  const { content, signature } = document
  switch (read.kind) {
    case 'rootCaCrl':
      return [crlPart('rootCrl', 'rootCrl', read.crl, content)]
    case 'pckCrl': {
      const ca = read.ca.subject.commonName.includes('Processor') ? 'processor' : 'platform'
      return [certificatePart('pckCa', `pckCa-${ca}`, read.ca), crlPart('pckCrl', `pckCrl-${ca}`, read.crl, content)]
    }
    default:
      return [certificatePart('tcbSigner', 'tcbSigner', read.signer), documentPart(read, content, signature)]
  }
}

/**
 * In the order in which the contract takes them, each once. What an earlier signer signed comes before the next signer:
 * the contract takes only what its current one signed.
 */
export function inOrder(parts: readonly Part[]): Part[] {
  const each = new Map(parts.map((part) => [part.call.args[0], part]))
  return [...each.values()].toSorted((a, b) => sinceOf(a) - sinceOf(b) || ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))
}

/** What the contract holds in the place of `part`. */
export function heldDocument(
  { kind, fmspc, pceId }: Pick<DocumentPart, 'kind' | 'fmspc' | 'pceId'>,
  contract: Pick<CollateralContract, 'tcbInfo' | 'qeIdentity'>,
): Promise<DocumentView> {
  return kind === 'tcbInfo' ? contract.tcbInfo(fmspc, pceId) : contract.qeIdentity()
}

const ORDER: readonly Part['kind'][] = ['rootCrl', 'pckCa', 'pckCrl', 'tcbSigner', 'tcbInfo', 'qeIdentity']

function sinceOf(part: Part): number {
  if (part.kind === 'tcbInfo' || part.kind === 'qeIdentity') return part.signerSince
  return part.kind === 'tcbSigner' ? part.notBefore : 0
}

type ReadCrl = Extract<Served['read'], { kind: 'rootCaCrl' }>['crl']
type ReadSigned = Extract<Served['read'], { kind: 'tcbInfo' | 'qeIdentity' }>

function crlPart(kind: CrlPart['kind'], label: string, crl: ReadCrl, content: string): CrlPart {
  return {
    kind,
    label,
    call: { functionName: kind === 'rootCrl' ? 'setRootCrl' : 'setPckCrl', args: [`0x${content}`] },
    issuer: hashOf(crl.issuer.raw),
    issuedAt: crl.thisUpdate,
    nextUpdate: crl.nextUpdate,
    revoked: [...crl.revoked].map(toWord),
  }
}

function documentPart({ kind, content, signer }: ReadSigned, text: string, signature: string): DocumentPart {
  const isTcbInfo = kind === 'tcbInfo'
  const r: Hex = `0x${signature.slice(0, 64)}`
  const s: Hex = `0x${signature.slice(64)}`
  return {
    kind,
    label: isTcbInfo ? `tcbInfo-${content.fmspc}` : 'qeIdentity',
    call: { functionName: isTcbInfo ? 'setTcbInfo' : 'setQeIdentity', args: [bytesToHex(utf8(text)), r, s] },
    fmspc: isTcbInfo ? `0x${content.fmspc}` : '0x000000000000',
    pceId: isTcbInfo ? `0x${content.pceId}` : '0x0000',
    issuedAt: content.issueDate,
    nextUpdate: content.nextUpdate,
    evaluationNumber: content.tcbEvaluationDataNumber,
    signerSince: signer.notBefore,
  }
}

function certificatePart(kind: CertificatePart['kind'], label: string, certificate: Certificate): CertificatePart {
  const { raw, subject, serial, notBefore, notAfter } = certificate
  const functionName = kind === 'pckCa' ? 'setPckCa' : 'setTcbSigner'
  const call: Call = { functionName, args: [bytesToHex(raw)] }
  return { kind, label, call, subject: hashOf(subject.raw), serial: toWord(serial), notBefore, notAfter }
}

const hashOf = (name: Hex): Hex => keccak256(hexToBytes(name))
const toWord = (serial: Hex): Hex => `0x${serial.slice(2).padStart(64, '0')}`
