import { X509Certificate } from 'node:crypto'
import { bytesToHex, concatBytes, hexToBytes, utf8 } from '@enigma/protocol'
import { AsnConvert } from '@peculiar/asn1-schema'
import { Certificate as OtherCertificate } from '@peculiar/asn1-x509'
import { describe, expect, test } from 'vitest'
import { parseCertificate } from './certificate.ts'
import * as der from './der.ts'
import * as writer from './simulated/der-writer.ts'
import { certificates, leaf } from './testing/x509-samples.ts'

const { TAG } = der
const bytesOf = (buffer: ArrayBuffer | undefined) => new Uint8Array(buffer ?? new ArrayBuffer())
const rawsOf = (bytes: Uint8Array) => der.children(der.readOne(bytes, bytes[0] ?? 0), bytes[0]).map((it) => it.raw)
/** Writes an element anew from its children, after `change`. Signatures are not this parser's business. */
const rewrite = (bytes: Uint8Array, change: (parts: Uint8Array[]) => Uint8Array[]) =>
  writer.element(bytes[0] ?? 0, ...change(rawsOf(bytes)))
const changeAt = (index: number, change: (part: Uint8Array) => Uint8Array) => (parts: Uint8Array[]) =>
  parts.map((part, at) => (at === index ? change(part) : part))
const inSigned = (change: (parts: Uint8Array[]) => Uint8Array[]) =>
  rewrite(
    leaf,
    changeAt(0, (tbs) => rewrite(tbs, change)),
  )
const inField = (index: number, change: (parts: Uint8Array[]) => Uint8Array[]) =>
  inSigned(changeAt(index, (field) => rewrite(field, change)))
const append =
  (...more: Uint8Array[]) =>
  (parts: Uint8Array[]) => [...parts, ...more]

/** Fields of the signed part, in their order. */
const FIELD = { version: 0, serial: 1, issuer: 3, validity: 4, subject: 5, key: 6, extensions: 7 }
const inExtensions = (change: (extensions: Uint8Array[]) => Uint8Array[]) =>
  inField(FIELD.extensions, (parts) => parts.map((list) => rewrite(list, change)))
const number = writer.smallInteger(1)
const commonName = (tag: number) =>
  writer.element(TAG.set, writer.sequence(writer.oid('0x550403'), writer.element(tag, utf8('Another'))))
const keyUsage = (bits: string) => writer.sequence(writer.oid('0x551d0f'), writer.octets(hexToBytes(`0x${bits}`)))
const withoutConstraints = (parts: Uint8Array[]) => parts.filter((part) => !bytesToHex(part).includes('0603551d13'))
const withoutKeyUsage = (parts: Uint8Array[]) => parts.filter((part) => !bytesToHex(part).includes('0603551d0f'))

describe('parseCertificate', () => {
  test('reads the fields of every certificate as two other implementations do', () => {
    for (const bytes of certificates) {
      const ours = parseCertificate(bytes)
      const node = new X509Certificate(bytes)
      const { tbsCertificate, tbsCertificateRaw } = AsnConvert.parse(bytes, OtherCertificate)
      expect(ours.serial).toBe(`0x${node.serialNumber.toLowerCase()}`)
      expect([ours.notBefore, ours.notAfter]).toEqual([
        Date.parse(node.validFrom) / 1000,
        Date.parse(node.validTo) / 1000,
      ])
      expect(ours.isCa).toBe(node.ca)
      expect(node.subject).toContain(`CN=${ours.subject.commonName}`)
      expect(node.issuer).toContain(`CN=${ours.issuer.commonName}`)
      expect(ours.publicKey).toEqual(bytesOf(tbsCertificate.subjectPublicKeyInfo.subjectPublicKey))
      expect(ours.subject.raw).toBe(bytesToHex(bytesOf(AsnConvert.serialize(tbsCertificate.subject))))
      expect(ours.signed).toEqual(bytesOf(tbsCertificateRaw))
      expect(ours.extensions.size).toBe(tbsCertificate.extensions?.length)
    }
  })

  test('reads again what the cases below are rewritten from', () => {
    expect(inExtensions((parts) => parts)).toEqual(leaf)
    expect(parseCertificate(inExtensions(withoutConstraints)).isCa).toBe(false)
    expect(parseCertificate(inExtensions(withoutKeyUsage))).toMatchObject({ maySign: false, mayCertify: false })
    expect(
      parseCertificate(inExtensions((parts) => append(keyUsage('03020106'))(withoutKeyUsage(parts)))).maySign,
    ).toBe(false)
  })

  test.each([
    ['nothing', new Uint8Array()],
    ['a field behind the signature', rewrite(leaf, append(number))],
    ['version 1', inSigned((parts) => parts.slice(1))],
    ['version 2', inField(FIELD.version, () => [writer.smallInteger(1)])],
    ['two versions', inField(FIELD.version, append(number))],
    ['a field behind the extensions', inSigned(append(writer.sequence()))],
    [
      'unique ids',
      inSigned((parts) => [...parts.slice(0, 7), writer.element(0x81, Uint8Array.of(0)), ...parts.slice(7)]),
    ],
    ['no extensions', inSigned((parts) => parts.slice(0, 7))],
    ['a negative serial number', inSigned(changeAt(FIELD.serial, () => Uint8Array.of(2, 1, 0x80)))],
    ['three dates', inField(FIELD.validity, append(writer.time(0)))],
    ['one date', inField(FIELD.validity, (parts) => parts.slice(1))],
    ['two common names', inField(FIELD.subject, append(commonName(TAG.utf8String)))],
    ['no common name', inField(FIELD.issuer, (parts) => parts.slice(1))],
    ['a common name in another alphabet', inField(FIELD.issuer, (parts) => [commonName(0x1e), ...parts.slice(1)])],
    [
      'a name of three parts',
      inField(FIELD.subject, (parts) =>
        parts.map((set) => rewrite(set, (it) => it.map((pair) => rewrite(pair, append(number))))),
      ),
    ],
    ['two lists of extensions', inField(FIELD.extensions, append(writer.sequence()))],
    ['an extension of four parts', inExtensions(changeAt(3, (it) => rewrite(it, append(writer.octets(number)))))],
    ['an extension of one part', inExtensions(changeAt(0, (it) => rewrite(it, (parts) => parts.slice(0, 1))))],
    [
      'a flag that says it is not critical',
      inExtensions(
        changeAt(3, (it) =>
          rewrite(
            it,
            changeAt(1, () => writer.boolean(false)),
          ),
        ),
      ),
    ],
    ['an empty key usage', inExtensions((parts) => append(keyUsage('0300'))(withoutKeyUsage(parts)))],
    ['a key usage without end', inExtensions((parts) => append(keyUsage('030500c0000000'))(withoutKeyUsage(parts)))],
    [
      'basic constraints of three parts',
      inExtensions(
        changeAt(4, (it) =>
          rewrite(
            it,
            changeAt(2, () => writer.octets(writer.sequence(writer.boolean(true), number, number))),
          ),
        ),
      ),
    ],
    [
      'a signature of three numbers',
      rewrite(
        leaf,
        changeAt(2, () => writer.bits(writer.sequence(number, number, number))),
      ),
    ],
    [
      'a signature of one number',
      rewrite(
        leaf,
        changeAt(2, () => writer.bits(writer.sequence(number))),
      ),
    ],
    [
      'a signature larger than the curve',
      rewrite(
        leaf,
        changeAt(2, () => writer.bits(writer.sequence(number, writer.unsigned(new Uint8Array(33).fill(1))))),
      ),
    ],
    [
      'a signature of odd bits',
      rewrite(
        leaf,
        changeAt(2, (it) => concatBytes(it.subarray(0, 2), Uint8Array.of(1), it.subarray(3))),
      ),
    ],
  ])('refuses %s', (_what, bytes) => {
    expect(() => parseCertificate(bytes)).toThrow(expect.objectContaining({ code: 'CERT_FORMAT' }))
  })

  test.each([
    [
      'a compressed key',
      inField(FIELD.key, ([algorithm = number]) => [algorithm, writer.bits(Uint8Array.of(2, ...new Uint8Array(32)))]),
    ],
    ['a key of three parts', inField(FIELD.key, append(number))],
    [
      'a hybrid point',
      inField(
        FIELD.key,
        changeAt(1, (key) => concatBytes(key.subarray(0, 3), Uint8Array.of(6), key.subarray(4))),
      ),
    ],
  ])('refuses %s', (_what, bytes) => {
    expect(() => parseCertificate(bytes)).toThrow(expect.objectContaining({ code: 'CERT_KEY' }))
  })

  test('refuses an algorithm that differs between the signed and the unsigned place', () => {
    const other = writer.sequence(writer.oid('0x2a8648ce3d040303'))
    for (const bytes of [
      rewrite(
        leaf,
        changeAt(1, () => other),
      ),
      inSigned(changeAt(2, () => other)),
    ]) {
      expect(() => parseCertificate(bytes)).toThrow(expect.objectContaining({ code: 'CERT_ALG' }))
    }
  })
})
