/**
 * DER as far as X.509 needs it: reads elements, strictly.
 *
 * BER's freedoms (indefinite and padded lengths, multi-byte tags, non-minimal integers) are refused, so that two
 * readers of the same bytes cannot see two different certificates (ITU-T X.690 §10).
 */
import { bytesToHex, type Hex } from '@enigma/protocol'
import { TAG } from './der-tag.ts'

export { TAG } from './der-tag.ts'

/** One element: its tag, its content, and all its bytes as they were signed. */
export type Element = { readonly tag: number; readonly content: Uint8Array; readonly raw: Uint8Array }

/** Reads the elements that fill `bytes` exactly. */
export function readAll(bytes: Uint8Array): Element[] {
  const elements: Element[] = []
  let at = 0
  while (at < bytes.length) {
    const element = readElement(bytes, at)
    elements.push(element)
    at += element.raw.length
  }
  return elements
}

/** Reads the one element that fills `bytes` exactly. */
export function readOne(bytes: Uint8Array, tag: number): Element {
  const element = readElement(bytes, 0)
  if (element.raw.length !== bytes.length) throw new DerError('trailing bytes')
  return expectTag(element, tag)
}

/** The elements inside a constructed element of `tag`. */
export function children(element: Element | undefined, tag: number = TAG.sequence): Element[] {
  return readAll(expectTag(element, tag).content)
}

/** The one element inside a constructed element of `tag`. */
export function onlyChild(element: Element | undefined, tag: number): Element {
  const [child, ...rest] = children(element, tag)
  if (!child || rest.length > 0) throw new DerError('not exactly one element')
  return child
}

export function expectTag(element: Element | undefined, tag: number): Element {
  if (element?.tag !== tag) throw new DerError(`tag ${element?.tag ?? 'none'} in place of ${tag}`)
  return element
}

/** A non-negative INTEGER's magnitude without leading zeros, as it stands for a serial number. */
export function readUnsigned(element: Element | undefined): Uint8Array {
  const { content } = expectTag(element, TAG.integer)
  const [first, second] = content
  if (first === undefined || first >= 0x80) throw new DerError('negative or empty integer')
  if (first !== 0 || content.length === 1) return content
  if (second !== undefined && second < 0x80) throw new DerError('padded integer')
  return content.subarray(1)
}

/** A small non-negative INTEGER or ENUMERATED: below 2^24, which is more than any field of a certificate needs. */
export function readSmall(element: Element | undefined, tag: number = TAG.integer): number {
  const magnitude = readUnsigned({ ...expectTag(element, tag), tag: TAG.integer })
  if (magnitude.length > 3) throw new DerError('integer too large')
  return magnitude.reduce((value, byte) => value * 256 + byte, 0)
}

export function readBoolean(element: Element | undefined): boolean {
  const { content } = expectTag(element, TAG.boolean)
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) throw new DerError('boolean')
  return content[0] === 0xff
}

/** A BIT STRING whose bits fill whole bytes. */
export function readBits(element: Element | undefined): Uint8Array {
  const { content } = expectTag(element, TAG.bitString)
  if (content.length === 0 || content[0] !== 0) throw new DerError('bit string with unused bits')
  return content.subarray(1)
}

/** An OBJECT IDENTIFIER in hex. Compared, never decoded: its DER bytes are unique. */
export function readOid(element: Element | undefined): Hex {
  return bytesToHex(expectTag(element, TAG.oid).content)
}

/** UTCTime or GeneralizedTime in unix seconds, in the only forms RFC 5280 §4.1.2.5 allows. */
export function readTime(element: Element | undefined): number {
  const text = String.fromCharCode(...(element?.content.subarray(0, 16) ?? []))
  const isUtc = element?.tag === TAG.utcTime
  if (!isUtc) expectTag(element, TAG.generalizedTime)
  const parts = (isUtc ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/ : /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/).exec(
    text,
  )
  if (!parts) throw new DerError('time')
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number)
  const fullYear = isUtc ? year + (year < 50 ? 2000 : 1900) : year
  const ms = Date.UTC(fullYear, month - 1, day, hour, minute, second)
  // Date.UTC rolls over (February 30th becomes March 1st): a time that does not come back is none.
  const iso = `${String(fullYear).padStart(4, '0')}-${parts.slice(2, 4).join('-')}T${parts.slice(4).join(':')}.000Z`
  if (Number.isNaN(ms) || new Date(ms).toISOString() !== iso) throw new DerError('time')
  return ms / 1000
}

/** Thrown inside the parsers, which turn it into the code of what they parse. */
export class DerError extends Error {
  override readonly name = 'DerError'
}

function readElement(bytes: Uint8Array, at: number): Element {
  const tag = bytes[at]
  const first = bytes[at + 1]
  if (tag === undefined || first === undefined) throw new DerError('truncated')
  if ((tag & 0x1f) === 0x1f) throw new DerError('multi-byte tag')
  let start = at + 2
  let length = first
  if (first >= 0x80) {
    const lengthBytes = first - 0x80
    // Three bytes reach 16 MB, far above every bound that callers set.
    if (lengthBytes === 0 || lengthBytes > 3) throw new DerError('length')
    length = 0
    for (const end = start + lengthBytes; start < end; start++) {
      const byte = bytes[start]
      if (byte === undefined) throw new DerError('truncated')
      length = length * 256 + byte
    }
    if (length < 0x80 || length < 256 ** (lengthBytes - 1)) throw new DerError('padded length')
  }
  if (start + length > bytes.length) throw new DerError('truncated')
  return { tag, content: bytes.subarray(start, start + length), raw: bytes.subarray(at, start + length) }
}
