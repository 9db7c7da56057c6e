/** The trust root, checked, with its revocation list: what every chain of a verification is held against. */
import { equalBytes } from '@enigma/protocol'
import { AttestationError, refuse } from './attestation-error.ts'
import { type Certificate, parseCertificate } from './certificate.ts'
import { checkCrl, checkValidity } from './chain.ts'
import { decodeHex } from './collateral.ts'
import { type Crl, parseCrl } from './crl.ts'
import type { VerifyP256 } from './p256.ts'

export type Trust = {
  readonly root: Certificate
  readonly crl: Crl
  /** What the root's name begins with: `Intel`, or `Simulated`. All names below it must begin so too. */
  readonly label: string
  readonly at: number
  readonly verify: VerifyP256
}

const ROOT_NAME = ' SGX Root CA'

export function establishTrust(certificate: Uint8Array, rootCrl: string, at: number, verify: VerifyP256): Trust {
  const root = parseRoot(certificate)
  const { commonName } = root.subject
  const isSelfSigned = root.subject.raw === root.issuer.raw && verify(root.publicKey, root.signed, root.signature)
  if (!isSelfSigned || !root.isCa || !commonName.endsWith(ROOT_NAME)) {
    refuse('TRUST_ROOT_INVALID', commonName)
  }
  checkValidity(root, at, 'ROOT')
  const crl = parseCrlHex(rootCrl)
  checkCrl(crl, root, at, 'ROOT', verify)
  return { root, crl, label: commonName.slice(0, -ROOT_NAME.length), at, verify }
}

/** Whether a chain's last certificate is the trust root itself, byte for byte. */
export function isRoot(certificate: Uint8Array, trust: Trust): boolean {
  return equalBytes(certificate, trust.root.raw)
}

export function parseCrlHex(text: string): Crl {
  return parseCrl(decodeHex(text) ?? refuse('CRL_FORMAT', 'not hex'))
}

function parseRoot(certificate: Uint8Array): Certificate {
  try {
    return parseCertificate(certificate)
  } catch (error) {
    throw new AttestationError('TRUST_ROOT_INVALID', error instanceof Error ? error.message : undefined, {
      cause: error,
    })
  }
}
