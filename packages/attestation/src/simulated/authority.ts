/** The simulated counterpart of Intel's certificate authority: root, PCK CA and TCB signer, all from one name. */
import { type Issuer, issueCertificate } from './certificates.ts'
import { deriveKey, deriveSerial, type SigningKey } from './keys.ts'

export type Authority = {
  /** What keys and serials of this authority derive from. */
  readonly name: string
  readonly root: Issuer
  readonly ca: Issuer
  readonly signer: Issuer
  readonly rootCertificate: Uint8Array
  readonly caCertificate: Uint8Array
  readonly signerCertificate: Uint8Array
}

/** The authority whose root is `trustRoots.simulated`. */
export const LOCAL_NETWORK = 'local-network'

/** Fixed, since the root is a constant: from 2024 to the end of what UTCTime can say. */
export const VALIDITY = { notBefore: Date.UTC(2024, 0, 1) / 1000, notAfter: Date.UTC(2049, 11, 31) / 1000 }

export const SIGNS_DATA = 0xc0
export const SIGNS_CERTIFICATES = 0x06

export function createAuthority(name: string): Authority {
  const identity = (commonName: string): Issuer => ({ name: commonName, key: deriveKey(`${name}/${commonName}`) })
  const root = identity('Simulated SGX Root CA')
  const ca = identity('Simulated SGX PCK Platform CA')
  const signer = identity('Simulated SGX TCB Signing')
  const certify = (subject: Issuer, keyUsage: number, caPathLength?: number) =>
    issueCertificate({
      subject,
      issuer: root,
      serial: serialOf(name, subject),
      ...VALIDITY,
      keyUsage,
      caPathLength,
    })
  return {
    name,
    root,
    ca,
    signer,
    rootCertificate: certify(root, SIGNS_CERTIFICATES, 1),
    caCertificate: certify(ca, SIGNS_CERTIFICATES, 0),
    signerCertificate: certify(signer, SIGNS_DATA),
  }
}

/**
 * The TCB signer who follows the first one after so many changes: of the same name, with another key, and valid from so many
 * days later.
 */
export function laterSigner(
  { name, root, signer }: Authority,
  changes: number,
): { key: SigningKey; certificate: Uint8Array } {
  const subject = { name: signer.name, key: deriveKey(`${name}/${signer.name}/${changes}`) }
  const certificate = issueCertificate({
    ...{ subject, issuer: root, keyUsage: SIGNS_DATA },
    serial: deriveSerial(`${name}/${signer.name}/${changes}`),
    notBefore: VALIDITY.notBefore + changes * 86_400,
    notAfter: VALIDITY.notAfter,
  })
  return { key: subject.key, certificate }
}

export function serialOf(authorityName: string, subject: Issuer): Uint8Array {
  return deriveSerial(`${authorityName}/${subject.name}`)
}
