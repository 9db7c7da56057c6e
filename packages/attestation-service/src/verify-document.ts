/** One document of collateral by itself: genuine, in force, and the one that was asked for. */
import { AttestationError, type TrustRoot, verifyWithNoble } from '@enigma/attestation'
import {
  type Certificate,
  type Crl,
  establishTrust,
  type QeIdentity,
  qeIdentitySchema,
  rememberingSignatures,
  type TcbInfo,
  tcbInfoSchema,
  verifyPckCrl,
  verifySignedJson,
} from '@enigma/attestation/documents'
import type { Document, DocumentName } from './document.ts'

export type Facts = {
  /** Unix seconds, as the document says. */
  readonly issuedAt: number
  /** Until when the document and the certificates behind it hold. */
  readonly validUntil: number
  /** 0 for a revocation list. */
  readonly evaluationNumber: number
}

/** A document, read. Only `verifyDocument` makes one. */
export type ReadDocument =
  | { readonly kind: 'rootCaCrl'; readonly crl: Crl; readonly root: Certificate }
  | { readonly kind: 'pckCrl'; readonly crl: Crl; readonly ca: Certificate }
  | { readonly kind: 'tcbInfo'; readonly content: TcbInfo; readonly signer: Certificate }
  | { readonly kind: 'qeIdentity'; readonly content: QeIdentity; readonly signer: Certificate }

export type Verified = { readonly read: ReadDocument; readonly facts: Facts }

/** Verifies `document` under the root and its revocation list, or throws `AttestationError`. */
export function verifyDocument(
  name: DocumentName,
  document: Document,
  rootCrl: string,
  trustRoot: TrustRoot,
  at: number,
): Verified {
  const read = readDocument(name, document, rootCrl, trustRoot, at)
  return { read, facts: factsOf(read) }
}

function factsOf(read: ReadDocument): Facts {
  switch (read.kind) {
    case 'rootCaCrl':
      return dated(read.crl.thisUpdate, [read.crl.nextUpdate, read.root.notAfter])
    case 'pckCrl':
      return dated(read.crl.thisUpdate, [read.crl.nextUpdate, read.ca.notAfter])
    default: {
      const { issueDate, nextUpdate, tcbEvaluationDataNumber } = read.content
      return dated(issueDate, [nextUpdate, read.signer.notAfter], tcbEvaluationDataNumber)
    }
  }
}

function readDocument(
  name: DocumentName,
  document: Document,
  rootCrl: string,
  { certificate }: TrustRoot,
  at: number,
): ReadDocument {
  const trust = establishTrust(certificate, rootCrl, at, rememberingSignatures(verifyWithNoble))
  const signed = { text: document.content, signature: document.signature, issuerChain: document.issuerChain }
  switch (name.kind) {
    case 'rootCaCrl':
      return { kind: name.kind, crl: trust.crl, root: trust.root }
    case 'pckCrl': {
      const { ca, crl } = verifyPckCrl(document.content, document.issuerChain, trust)
      const { commonName } = ca.subject
      if (!commonName.toLowerCase().endsWith(` ${name.ca} ca`)) throw new AttestationError('PCK_CRL_ISSUER', commonName)
      return { kind: name.kind, ca, crl }
    }
    case 'tcbInfo': {
      const { content, signer } = verifySignedJson('TCB_INFO', signed, tcbInfoSchema, trust)
      const found = `${content.id ?? 'SGX'} ${content.fmspc} ${content.tcbEvaluationDataNumber}`
      const isAsked = content.fmspc === name.fmspc && (content.id ?? 'SGX') === name.tee.toUpperCase()
      if (!isAsked || !isOfEdition(content, name)) throw new AttestationError('TCB_INFO_MISMATCH', found)
      return { kind: name.kind, content, signer }
    }
    case 'qeIdentity': {
      const { content, signer } = verifySignedJson('QE_IDENTITY', signed, qeIdentitySchema, trust)
      const isAsked = content.id === (name.tee === 'sgx' ? 'QE' : 'TD_QE')
      if (!isAsked || !isOfEdition(content, name)) throw new AttestationError('QE_IDENTITY_MISMATCH', content.id)
      return { kind: name.kind, content, signer }
    }
  }
}

function isOfEdition(
  { tcbEvaluationDataNumber }: { tcbEvaluationDataNumber: number },
  { edition }: { edition: string | number },
): boolean {
  return typeof edition !== 'number' || tcbEvaluationDataNumber === edition
}

function dated(issuedAt: number, ends: readonly number[], evaluationNumber = 0): Facts {
  return { issuedAt, validUntil: Math.min(...ends), evaluationNumber }
}
