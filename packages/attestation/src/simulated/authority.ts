/** The simulated counterpart of Intel's certificate authority: root, PCK CA and TCB signer, all from one name. */
import { type Issuer, issueCertificate } from './certificates.ts'
import { deriveKey, deriveSerial } from './keys.ts'

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

export function serialOf(authorityName: string, subject: Issuer): Uint8Array {
  return deriveSerial(`${authorityName}/${subject.name}`)
}
