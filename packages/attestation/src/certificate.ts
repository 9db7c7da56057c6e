/**
 * An X.509 v3 certificate of Intel's profile: ECDSA P-256, SHA-256, no unknown critical extension.
 *
 * Reads what the checks need and refuses all else, so that nothing in a certificate goes by unseen (RFC 5280 §4).
 */
import { bytesToHex, equalBytes, type Hex, hexToBytes } from '@enigma/protocol'
import { AttestationError, refuse } from './attestation-error.ts'
import * as der from './der.ts'
import { TAG } from './der.ts'

export type Certificate = {
  /** All bytes, signature included. */
  readonly raw: Uint8Array
  /** What the issuer signed. */
  readonly signed: Uint8Array
  /** r ‖ s */
  readonly signature: Uint8Array
  /** 0x04 ‖ x ‖ y */
  readonly publicKey: Uint8Array
  readonly subject: Name
  readonly issuer: Name
  /** Without leading zeros, so that it compares with the entries of a revocation list. */
  readonly serial: Hex
  readonly notBefore: number
  readonly notAfter: number
  readonly isCa: boolean
  readonly mayCertify: boolean
  readonly maySignCrls: boolean
  readonly maySign: boolean
  /** Extension values by the hex of their OID. */
  readonly extensions: ReadonlyMap<Hex, Uint8Array>
}

/** A distinguished name: compared by its bytes, read by its common name. */
export type Name = { readonly raw: Hex; readonly commonName: string }

/** Intel's longest certificate, a PCK leaf, has 1.3 KB. */
const MAX_CERTIFICATE_BYTES = 4096

const OID = { commonName: '0x550403', keyUsage: '0x551d0f', basicConstraints: '0x551d13' } as const
/** AlgorithmIdentifier of ecdsa-with-SHA256, which has no parameters (RFC 5758 §3.2). */
const ECDSA_SHA256 = hexToBytes('0x300a06082a8648ce3d040302')
/** AlgorithmIdentifier of an EC public key on P-256 (RFC 5480 §2.1.1). */
const EC_P256 = hexToBytes('0x301306072a8648ce3d020106082a8648ce3d030107')

/** Parses one certificate that fills `bytes`. */
export function parseCertificate(bytes: Uint8Array): Certificate {
  if (bytes.length > MAX_CERTIFICATE_BYTES) refuse('CERT_FORMAT', `${bytes.length} bytes`)
  try {
    return readCertificate(bytes)
  } catch (error) {
    if (error instanceof AttestationError) throw error
    throw new AttestationError('CERT_FORMAT', error instanceof Error ? error.message : undefined, { cause: error })
  }
}

function readCertificate(raw: Uint8Array): Certificate {
  const [tbs, algorithm, signature, ...rest] = der.children(der.readOne(raw, TAG.sequence))
  if (!tbs || rest.length > 0) throw new der.DerError('certificate')
  const [version, serial, innerAlgorithm, issuer, validity, subject, keyInfo, extensions, ...more] = der.children(tbs)
  // Version 3 with extensions and without the unique ids that version 2 brought.
  if (der.readSmall(der.onlyChild(version, 0xa0)) !== 2 || more.length > 0) throw new der.DerError('not version 3')
  // The outer algorithm is unsigned; it must repeat the signed one (RFC 5280 §4.1.1.2).
  if (!isEcdsaSha256(algorithm) || !isEcdsaSha256(innerAlgorithm)) refuse('CERT_ALG')
  const [notBefore, notAfter, ...extraTimes] = der.children(validity)
  if (extraTimes.length > 0) throw new der.DerError('validity')
  const found = readExtensions(extensions)
  const keyUsage = readKeyUsage(found.get(OID.keyUsage))
  return {
    raw,
    signed: tbs.raw,
    signature: readSignature(signature),
    publicKey: readPublicKey(keyInfo),
    subject: readName(subject),
    issuer: readName(issuer),
    serial: bytesToHex(der.readUnsigned(serial)),
    notBefore: der.readTime(notBefore),
    notAfter: der.readTime(notAfter),
    isCa: readIsCa(found.get(OID.basicConstraints)),
    maySign: (keyUsage & 0x80) !== 0,
    mayCertify: (keyUsage & 0x04) !== 0,
    maySignCrls: (keyUsage & 0x02) !== 0,
    extensions: found,
  }
}

/** ECDSA-Sig-Value to r ‖ s (RFC 5758 §3.2 with RFC 3279 §2.2.3). */
export function readSignature(bits: der.Element | undefined): Uint8Array {
  const parts = der.children(der.readOne(der.readBits(bits), TAG.sequence)).map(der.readUnsigned)
  const [r, s] = parts
  if (!r || !s || parts.length !== 2 || r.length > 32 || s.length > 32) throw new der.DerError('signature')
  const signature = new Uint8Array(64)
  signature.set(r, 32 - r.length)
  signature.set(s, 64 - s.length)
  return signature
}

/** Whether an element is the AlgorithmIdentifier of ecdsa-with-SHA256. */
export function isEcdsaSha256(element: der.Element | undefined): boolean {
  return element !== undefined && equalBytes(element.raw, ECDSA_SHA256)
}

/** A name with exactly one common name. */
export function readName(element: der.Element | undefined): Name {
  const commonNames: string[] = []
  for (const set of der.children(element)) {
    for (const attribute of der.children(set, TAG.set)) {
      const [type, value, ...rest] = der.children(attribute)
      if (!value || rest.length > 0) throw new der.DerError('name')
      if (der.readOid(type) !== OID.commonName) continue
      if (value.tag !== TAG.utf8String && value.tag !== TAG.printableString) throw new der.DerError('common name')
      commonNames.push(new TextDecoder('utf-8', { fatal: true }).decode(value.content))
    }
  }
  const [commonName] = commonNames
  if (!element || commonName === undefined || commonNames.length > 1) throw new der.DerError('common name')
  return { raw: bytesToHex(element.raw), commonName }
}

function readPublicKey(element: der.Element | undefined): Uint8Array {
  const [algorithm, key, ...rest] = der.children(element)
  if (!algorithm || rest.length > 0 || !equalBytes(algorithm.raw, EC_P256)) refuse('CERT_KEY')
  const point = der.readBits(key)
  if (point.length !== 65 || point[0] !== 4) refuse('CERT_KEY', 'a point that is not uncompressed')
  return point
}

function readExtensions(element: der.Element | undefined): Map<Hex, Uint8Array> {
  const found = new Map<Hex, Uint8Array>()
  for (const extension of der.children(der.onlyChild(element, 0xa3))) {
    const parts = der.children(extension)
    const oid = der.readOid(parts[0])
    // DER leaves a default out: where the flag stands, it says true.
    const isCritical = parts.length === 3
    if (isCritical && !der.readBoolean(parts[1])) throw new der.DerError('critical flag')
    if (parts.length !== 2 && parts.length !== 3) throw new der.DerError('extension')
    if (found.has(oid)) refuse('CERT_DUP_EXT', oid)
    if (isCritical && oid !== OID.keyUsage && oid !== OID.basicConstraints) refuse('CERT_CRITICAL_EXT', oid)
    found.set(oid, der.expectTag(parts.at(-1), TAG.octetString).content)
  }
  return found
}

/** The first byte of KeyUsage's bits, which holds all that Intel uses. Absent: nothing is allowed. */
function readKeyUsage(value: Uint8Array | undefined): number {
  if (!value) return 0
  const { content } = der.readOne(value, TAG.bitString)
  const [unused, flags] = content
  if (unused === undefined || flags === undefined || unused > 7 || content.length > 3)
    throw new der.DerError('key usage')
  return flags
}

function readIsCa(value: Uint8Array | undefined): boolean {
  if (!value) return false
  const [ca, pathLength, ...rest] = der.children(der.readOne(value, TAG.sequence))
  if (rest.length > 0) throw new der.DerError('basic constraints')
  if (pathLength) der.readSmall(pathLength)
  return ca !== undefined && der.readBoolean(ca)
}
