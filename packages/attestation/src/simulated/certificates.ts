/** Issues certificates in the shape of Intel's ("SGX PCK Certificate and CRL Profile"). */
import { bytesToHex, type Hex, utf8 } from '@enigma/protocol'
import { sha1 } from '@noble/hashes/legacy.js'
import { TAG } from '../der-tag.ts'
import { SGX_EXTENSION } from '../sgx-oid.ts'
import * as der from './der-writer.ts'
import { type SigningKey, sign } from './keys.ts'

/** In the name of everything that the simulated root stands for, so that no log or dialog can mislead. */
const ORGANIZATION = 'Enigma local network - NOT INTEL'

export const ECDSA_SHA256 = der.sequence(der.oid('0x2a8648ce3d040302'))
const EC_P256 = der.sequence(der.oid('0x2a8648ce3d0201'), der.oid('0x2a8648ce3d030107'))

export type Issuer = { readonly name: string; readonly key: SigningKey }
export type CertificateOptions = {
  readonly subject: Issuer
  readonly issuer: Issuer
  readonly serial: Uint8Array
  readonly notBefore: number
  readonly notAfter: number
  /** How many CAs may follow; undefined for a leaf. */
  readonly caPathLength?: number | undefined
  /** KeyUsage: 0xc0 signs data, 0x06 certificates and lists. */
  readonly keyUsage: number
  readonly platform?: PlatformFacts | undefined
  /** Further extensions, DER: for certificates that must be refused. */
  readonly extraExtensions?: readonly Uint8Array[] | undefined
}

/** What Intel would certify about a platform. */
export type PlatformFacts = {
  readonly ppid: Uint8Array
  readonly components: readonly number[]
  readonly pceSvn: number
  readonly pceId: Uint8Array
  readonly fmspc: Uint8Array
  readonly platformInstanceId: Uint8Array
}

/** Returns a DER certificate. */
export function issueCertificate(options: CertificateOptions): Uint8Array {
  const { subject, issuer, caPathLength } = options
  const basicConstraints =
    caPathLength === undefined ? der.sequence() : der.sequence(der.boolean(true), der.smallInteger(caPathLength))
  const extensions = [
    extension('0x551d23', der.sequence(der.element(0x80, sha1(issuer.key.public)))),
    extension('0x551d1f', distributionPoint('http://localhost/sgx/certification/v4/rootcacrl')),
    extension('0x551d0e', der.octets(sha1(subject.key.public))),
    extension('0x551d0f', der.bits(Uint8Array.of(options.keyUsage), trailingZeros(options.keyUsage)), true),
    extension('0x551d13', basicConstraints, true),
    ...(options.platform ? [extension(SGX_EXTENSION, platformExtension(options.platform))] : []),
    ...(options.extraExtensions ?? []),
  ]
  const signed = der.sequence(
    der.element(0xa0, der.smallInteger(2)),
    der.unsigned(options.serial),
    ECDSA_SHA256,
    distinguishedName(issuer.name),
    der.sequence(der.time(options.notBefore), der.time(options.notAfter)),
    distinguishedName(subject.name),
    der.sequence(EC_P256, der.bits(subject.key.public)),
    der.element(0xa3, der.sequence(...extensions)),
  )
  return withSignature(signed, issuer.key)
}

export function extension(id: Hex, value: Uint8Array, isCritical = false): Uint8Array {
  return der.sequence(der.oid(id), ...(isCritical ? [der.boolean(true)] : []), der.octets(value))
}

export function withSignature(signed: Uint8Array, key: SigningKey): Uint8Array {
  return der.sequence(signed, ECDSA_SHA256, der.bits(sign(key, signed, 'der')))
}

export function distinguishedName(commonName: string): Uint8Array {
  const attribute = (id: Hex, tag: number, text: string) =>
    der.element(TAG.set, der.sequence(der.oid(id), der.element(tag, utf8(text))))
  return der.sequence(
    attribute('0x550403', TAG.utf8String, commonName),
    attribute('0x55040a', TAG.utf8String, ORGANIZATION),
    attribute('0x550407', TAG.utf8String, 'Nowhere'),
    attribute('0x550408', TAG.utf8String, 'NA'),
    attribute('0x550406', TAG.printableString, 'XX'),
  )
}

function distributionPoint(url: string): Uint8Array {
  return der.sequence(der.sequence(der.element(0xa0, der.element(0xa0, der.element(0x86, utf8(url))))))
}

function platformExtension(facts: PlatformFacts): Uint8Array {
  const field = (arcs: readonly number[], value: Uint8Array) =>
    der.sequence(der.oid(`${SGX_EXTENSION}${bytesToHex(Uint8Array.from(arcs)).slice(2)}`), value)
  const versions = facts.components.map((svn, index) => field([2, index + 1], der.smallInteger(svn)))
  const tcb = der.sequence(
    ...versions,
    field([2, 17], der.smallInteger(facts.pceSvn)),
    field([2, 18], der.octets(Uint8Array.from(facts.components))),
  )
  const configuration = der.sequence(
    field([7, 1], der.boolean(true)),
    field([7, 2], der.boolean(false)),
    field([7, 3], der.boolean(true)),
  )
  return der.sequence(
    field([1], der.octets(facts.ppid)),
    field([2], tcb),
    field([3], der.octets(facts.pceId)),
    field([4], der.octets(facts.fmspc)),
    field([5], der.enumerated(1)),
    field([6], der.octets(facts.platformInstanceId)),
    field([7], configuration),
  )
}

/** DER cuts the zero bits off a named bit list (X.690 §11.2.2). */
function trailingZeros(byte: number): number {
  return 31 - Math.clz32(byte & -byte)
}
