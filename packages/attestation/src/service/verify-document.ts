/** One document of collateral by itself: genuine, in force, and the one that was asked for. */
import { refuse } from '../attestation-error.ts'
import { rememberingSignatures, verifyWithNoble } from '../p256.ts'
import { verifyPckCrl } from '../pck.ts'
import { qeIdentitySchema } from '../qe-identity.ts'
import { verifySignedJson } from '../signed-json.ts'
import { tcbInfoSchema } from '../tcb-info.ts'
import { establishTrust } from '../trust.ts'
import type { TrustRoot } from '../trust-roots.ts'
import type { Document, DocumentName } from './document.ts'

export type Facts = {
  /** Unix seconds, as the document says. */
  readonly issuedAt: number
  /** Until when the document and the certificates behind it hold. */
  readonly validUntil: number
  /** 0 for a revocation list. */
  readonly evaluationNumber: number
}

/** Verifies `document` under the root and its revocation list, or throws `AttestationError`. */
export function verifyDocument(
  name: DocumentName,
  document: Document,
  rootCrl: string,
  { certificate }: TrustRoot,
  at: number,
): Facts {
  const trust = establishTrust(certificate, rootCrl, at, rememberingSignatures(verifyWithNoble))
  switch (name.kind) {
    case 'rootCaCrl':
      return factsOf(trust.crl.thisUpdate, [trust.crl.nextUpdate, trust.root.notAfter])
    case 'pckCrl': {
      const { ca, crl } = verifyPckCrl(document.content, document.issuerChain, trust)
      if (!ca.subject.commonName.toLowerCase().endsWith(` ${name.ca} ca`))
        refuse('PCK_CRL_ISSUER', ca.subject.commonName)
      return factsOf(crl.thisUpdate, [crl.nextUpdate, ca.notAfter])
    }
    case 'tcbInfo': {
      const { content, signer } = verifySignedJson('TCB_INFO', signedJson(document), tcbInfoSchema, trust)
      const isAsked = content.fmspc === name.fmspc && (content.id ?? 'SGX') === name.tee.toUpperCase()
      if (!isAsked) refuse('TCB_INFO_MISMATCH', `${content.id ?? 'SGX'} ${content.fmspc}`)
      return factsOf(content.issueDate, [content.nextUpdate, signer.notAfter], content.tcbEvaluationDataNumber)
    }
    case 'qeIdentity': {
      const { content, signer } = verifySignedJson('QE_IDENTITY', signedJson(document), qeIdentitySchema, trust)
      if (content.id !== (name.tee === 'sgx' ? 'QE' : 'TD_QE')) refuse('QE_IDENTITY_MISMATCH', content.id)
      return factsOf(content.issueDate, [content.nextUpdate, signer.notAfter], content.tcbEvaluationDataNumber)
    }
  }
}

function signedJson({ content, signature, issuerChain }: Document) {
  return { text: content, signature, issuerChain }
}

function factsOf(issuedAt: number, ends: readonly number[], evaluationNumber = 0): Facts {
  return { issuedAt, validUntil: Math.min(...ends), evaluationNumber }
}
