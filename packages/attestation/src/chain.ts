/** The checks that every certificate and revocation list of the chain goes through. */
import { refuse } from './attestation-error.ts'
import type { Certificate } from './certificate.ts'
import type { Crl } from './crl.ts'
import type { VerifyP256 } from './p256.ts'

/** What a code begins with: the certificate that is checked. */
type Subject = 'PCK_CA' | 'PCK' | 'TCB_INFO_SIGNER' | 'QE_IDENTITY_SIGNER'

/** `child` names `issuer`, a CA, and bears its signature. */
export function checkIssued(child: Certificate, issuer: Certificate, subject: Subject, verify: VerifyP256): void {
  if (child.issuer.raw !== issuer.subject.raw) refuse(`${subject}_ISSUER`, child.issuer.commonName)
  if (!issuer.isCa || !issuer.mayCertify) refuse(`${subject}_ISSUER_NOT_CA`, issuer.subject.commonName)
  if (!verify(issuer.publicKey, child.signed, child.signature)) refuse(`${subject}_SIGNATURE`)
}

/** `at` lies in the certificate's validity; both ends belong to it (RFC 5280 §4.1.2.5). */
export function checkValidity(certificate: Certificate, at: number, subject: Subject | 'ROOT'): void {
  if (!(certificate.notBefore <= at)) refuse(`${subject}_NOT_YET_VALID`, isoTime(certificate.notBefore))
  if (!(at <= certificate.notAfter)) refuse(`${subject}_EXPIRED`, isoTime(certificate.notAfter))
}

/** The list is `issuer`'s own, signed, and in force at `at`. */
export function checkCrl(crl: Crl, issuer: Certificate, at: number, subject: 'ROOT' | 'PCK', verify: VerifyP256): void {
  if (crl.issuer.raw !== issuer.subject.raw) refuse(`${subject}_CRL_ISSUER`, crl.issuer.commonName)
  if (!issuer.maySignCrls) refuse(`${subject}_CRL_ISSUER`, 'an issuer that may not sign lists')
  if (!verify(issuer.publicKey, crl.signed, crl.signature)) refuse(`${subject}_CRL_SIGNATURE`)
  if (!(crl.thisUpdate <= at)) refuse(`${subject}_CRL_NOT_YET_VALID`, isoTime(crl.thisUpdate))
  if (!(at <= crl.nextUpdate)) refuse(`${subject}_CRL_EXPIRED`, isoTime(crl.nextUpdate))
}

export function isoTime(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`
}
