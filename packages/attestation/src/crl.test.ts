import { bytesToHex, type Hex } from '@enigma/protocol'
import { AsnConvert } from '@peculiar/asn1-schema'
import { CertificateList } from '@peculiar/asn1-x509'
import { describe, expect, test } from 'vitest'
import { parseCrl } from './crl.ts'
import * as der from './der.ts'
import * as writer from './simulated/der-writer.ts'
import { list, lists } from './testing/x509-samples.ts'

const bytesOf = (buffer: ArrayBuffer | undefined) => new Uint8Array(buffer ?? new ArrayBuffer())
const withoutZeros = (bytes: Uint8Array) => bytesToHex(bytes).replace(/^0x(00)+(?=..)/, '0x') as Hex
const rawsOf = (bytes: Uint8Array) => der.children(der.readOne(bytes, bytes[0] ?? 0), bytes[0]).map((it) => it.raw)
/** Writes a list anew from the fields of its signed part, after `change`. */
function rewrite(change: (fields: Uint8Array[]) => Uint8Array[]): Uint8Array {
  const [tbs = list, ...rest] = rawsOf(list)
  return writer.sequence(writer.sequence(...change(rawsOf(tbs))), ...rest)
}
/** Fields of the signed part: version, algorithm, issuer, thisUpdate, nextUpdate, entries, extensions. */
const put = (index: number, field: Uint8Array) =>
  rewrite((fields) => fields.map((it, at) => (at === index ? field : it)))
const critical = writer.sequence(writer.oid('0x551d1b'), writer.boolean(true), writer.octets(writer.smallInteger(1)))
const plain = writer.sequence(writer.oid('0x551d15'), writer.octets(writer.enumerated(1)))
const entry = (...more: Uint8Array[]) =>
  writer.sequence(writer.sequence(writer.smallInteger(9), writer.time(0), ...more))

describe('parseCrl', () => {
  test('reads the fields of every list as another implementation does', () => {
    for (const bytes of lists) {
      const ours = parseCrl(bytes)
      const { tbsCertList, tbsCertListRaw } = AsnConvert.parse(bytes, CertificateList)
      const revoked = (tbsCertList.revokedCertificates ?? []).map((it) => withoutZeros(bytesOf(it.userCertificate)))
      expect([...ours.revoked].sort()).toEqual(revoked.sort())
      expect(ours.thisUpdate * 1000).toBe(tbsCertList.thisUpdate.getTime().getTime())
      expect(ours.nextUpdate * 1000).toBe(tbsCertList.nextUpdate?.getTime().getTime())
      expect(ours.signed).toEqual(bytesOf(tbsCertListRaw))
    }
  })

  test('finds a serial number however many zeros it is written with', () => {
    expect(parseCrl(put(5, entry(writer.sequence(plain)))).revoked).toEqual(new Set(['0x09']))
    expect(parseCrl(put(5, entry())).revoked).toEqual(new Set(['0x09']))
  })

  test.each([
    ['nothing', new Uint8Array()],
    ['a field behind the signature', writer.sequence(...rawsOf(list), writer.smallInteger(1))],
    ['version 1', rewrite((fields) => fields.slice(1))],
    ['version 3', put(0, writer.smallInteger(2))],
    ['another algorithm', put(1, writer.sequence(writer.oid('0x2a8648ce3d040303')))],
    ['a field behind the extensions', rewrite((fields) => [...fields, writer.sequence()])],
    ['two lists of extensions', put(6, writer.element(0xa0, writer.sequence(plain), writer.sequence(plain)))],
    ['a list that says it is only a part of one', put(6, writer.element(0xa0, writer.sequence(critical)))],
    ['an entry that says it is of another issuer', put(5, entry(writer.sequence(critical)))],
    ['an entry of four parts', put(5, entry(writer.sequence(plain), writer.smallInteger(1)))],
    ['an entry without a date', put(5, writer.sequence(writer.sequence(writer.smallInteger(9))))],
    [
      'an unsigned algorithm that differs',
      writer.sequence(...rawsOf(list).map((it, at) => (at === 1 ? writer.sequence() : it))),
    ],
  ])('refuses %s', (_what, bytes) => {
    expect(() => parseCrl(bytes)).toThrow(expect.objectContaining({ code: 'CRL_FORMAT' }))
  })

  test('refuses a list without an end', () => {
    const endless = rewrite((fields) => fields.filter((_, at) => at !== 4))
    expect(() => parseCrl(endless)).toThrow(expect.objectContaining({ code: 'CRL_NO_NEXT_UPDATE' }))
  })
})
