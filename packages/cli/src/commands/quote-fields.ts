/**
 * The fields of a quote in the order of its bytes, as far as it goes. Nothing is verified: every field may be a lie.
 *
 * Unlike the verifier's parser this one goes on for as long as there are bytes, so that a quote which is refused can be
 * looked at. Layout: docs/protocol/attestation.md.
 */
import { parseCertificate, parsePem, readPlatformTcb } from '@enigma/attestation/documents'
import { bytesToHex } from '@enigma/protocol'

export type FieldValue = number | Uint8Array | string
export type Fields = { [name: string]: FieldValue | Fields }

const ENCLAVE_REPORT =
  'cpuSvn:16 miscSelect:4 -:12 isvExtProdId:16 attributes:16 mrEnclave:32 -:32 mrSigner:32 -:32 configId:64 ' +
  'isvProdId:u2 isvSvn:u2 configSvn:u2 -:42 isvFamilyId:16 reportData:64'
const TD10_REPORT =
  'teeTcbSvn:16 mrSeam:48 mrSignerSeam:48 seamAttributes:8 tdAttributes:8 xfam:8 mrTd:48 mrConfigId:48 mrOwner:48 ' +
  'mrOwnerConfig:48 rtMr0:48 rtMr1:48 rtMr2:48 rtMr3:48 reportData:64'
const TD15_REPORT = `${TD10_REPORT} teeTcbSvn2:16 mrServiceTd:48`
const HEADER = 'version:u2 attestationKeyType:u2 tee:u4 qeSvn:u2 pceSvn:u2 qeVendorId:16 userData:20'
const TDX = 0x81

/** Reads what there is, and stops at the first field that is not whole. */
export function readFields(quote: Uint8Array): Fields {
  const fields: Fields = {}
  const cursor = { quote, at: 0 }
  const isWhole =
    read(cursor, HEADER, fields) && readBody(cursor, fields) && readSignatureData(cursor, fields) && readChain(fields)
  if (isWhole && cursor.at < quote.length) fields.paddingBytes = quote.length - cursor.at
  return fields
}

type Cursor = { readonly quote: Uint8Array; at: number }

/** Reads fields of a layout (`name:bytes`, `u` for a number, `-` for reserved bytes) while there are bytes for them. */
function read(cursor: Cursor, layout: string, into: Fields): boolean {
  for (const entry of layout.split(' ')) {
    const [name = '', size = ''] = entry.split(':')
    const length = Number(size.replace('u', ''))
    const bytes = cursor.quote.subarray(cursor.at, cursor.at + length)
    if (bytes.length < length) return false
    cursor.at += length
    if (name !== '-') into[name] = size.startsWith('u') ? littleEndian(bytes) : bytes
  }
  return true
}

function readBody(cursor: Cursor, fields: Fields): boolean {
  const isTdx = fields.tee === TDX
  if (fields.version === 3) return read(cursor, ENCLAVE_REPORT, fields)
  if (fields.version === 4) return read(cursor, isTdx ? TD10_REPORT : ENCLAVE_REPORT, fields)
  if (fields.version !== 5 || !read(cursor, 'bodyType:u2 bodyBytes:u4', fields)) return false
  const layout = [undefined, ENCLAVE_REPORT, TD10_REPORT, TD15_REPORT][Number(fields.bodyType)]
  return layout !== undefined && read(cursor, layout, fields)
}

function readSignatureData(cursor: Cursor, fields: Fields): boolean {
  if (!read(cursor, 'signatureDataBytes:u4 signature:64 attestationKey:64', fields)) return false
  if (fields.version !== 3 && !read(cursor, 'wrappingType:u2 wrappingBytes:u4', fields)) return false
  const qeReport: Fields = {}
  fields.qeReport = qeReport
  if (!read(cursor, ENCLAVE_REPORT, qeReport)) return false
  if (!read(cursor, 'qeReportSignature:64 qeAuthDataBytes:u2', fields)) return false
  if (!read(cursor, `qeAuthData:${fields.qeAuthDataBytes}`, fields)) return false
  if (!read(cursor, 'certificationType:u2 certificationBytes:u4', fields)) return false
  return read(cursor, `certification:${fields.certificationBytes}`, fields)
}

/** Puts the certificates of a PCK chain, and what the first of them says of the platform, in place of its text. */
function readChain(fields: Fields): boolean {
  const { certification } = fields
  if (fields.certificationType !== 5 || !(certification instanceof Uint8Array)) return true
  try {
    const chain = parsePem(new TextDecoder('latin1').decode(certification))?.map(parseCertificate) ?? []
    const [leaf] = chain
    if (!leaf) return true
    for (const [index, { subject, issuer, serial, notBefore, notAfter }] of chain.entries()) {
      const names = { subject: subject.commonName, issuer: issuer.commonName, serial }
      fields[`certificate${index}`] = { ...names, notBefore: date(notBefore), notAfter: date(notAfter) }
    }
    const { ppid, fmspc, pceId, components, pceSvn } = readPlatformTcb(leaf)
    fields.platform = { ppid, fmspc, pceId, components: Uint8Array.from(components), pceSvn }
    delete fields.certification
  } catch {
    // The text stays as it is: what is wrong with it is the verifier's to say.
  }
  return true
}

function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0)
}

function date(seconds: number): string {
  return new Date(seconds * 1000).toISOString()
}

/** One line for each field, those of a part under its name. */
export function linesOf(fields: Fields, indent = ''): string[] {
  const width = Math.max(...Object.keys(fields).map((name) => name.length))
  return Object.entries(fields).flatMap(([name, value]) => {
    if (value instanceof Uint8Array) return [`${indent}${name.padEnd(width)}  ${bytesToHex(value)}`]
    if (typeof value === 'object') return [`${indent}${name}`, ...linesOf(value, `${indent}  `)]
    return [`${indent}${name.padEnd(width)}  ${value}`]
  })
}
