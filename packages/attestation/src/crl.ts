/** A certificate revocation list, version 2 of Intel's profile (RFC 5280 §5). */
import { bytesToHex, type Hex } from '@enigma/protocol'
import { AttestationError, refuse } from './attestation-error.ts'
import { isEcdsaSha256, type Name, readName, readSignature } from './certificate.ts'
import * as der from './der.ts'
import { TAG } from './der.ts'

export type Crl = {
  readonly signed: Uint8Array
  readonly signature: Uint8Array
  readonly issuer: Name
  readonly thisUpdate: number
  readonly nextUpdate: number
  /** Serial numbers without leading zeros. */
  readonly revoked: ReadonlySet<Hex>
}

/** Intel's longest so far had 129 entries and 7.2 KB; this leaves room for some 4,000. */
const MAX_CRL_BYTES = 256 * 1024

/** Parses one revocation list that fills `bytes`. An empty one is none: who leaves it out may hide a revocation. */
export function parseCrl(bytes: Uint8Array): Crl {
  if (bytes.length > MAX_CRL_BYTES) refuse('CRL_FORMAT', `${bytes.length} bytes`)
  try {
    return readCrl(bytes)
  } catch (error) {
    if (error instanceof AttestationError) throw error
    throw new AttestationError('CRL_FORMAT', error instanceof Error ? error.message : undefined, { cause: error })
  }
}

function readCrl(bytes: Uint8Array): Crl {
  const [tbs, algorithm, signature, ...rest] = der.children(der.readOne(bytes, TAG.sequence))
  if (!tbs || rest.length > 0 || !isEcdsaSha256(algorithm)) throw new der.DerError('list')
  const fields = der.children(tbs)
  const [version, innerAlgorithm, issuer, thisUpdate] = fields
  if (der.readSmall(version) !== 1 || !isEcdsaSha256(innerAlgorithm)) throw new der.DerError('not version 2')
  const isTime = (element?: der.Element) => element?.tag === TAG.utcTime || element?.tag === TAG.generalizedTime
  // Optional by RFC 5280, but a list without it could be replayed for ever.
  if (!isTime(fields[4])) refuse('CRL_NO_NEXT_UPDATE')
  let next = 5
  const entries = fields[next]?.tag === TAG.sequence ? der.children(fields[next++]) : []
  checkExtensions(fields[next++])
  if (next < fields.length) throw new der.DerError('trailing fields')
  return {
    signed: tbs.raw,
    signature: readSignature(signature),
    issuer: readName(issuer),
    thisUpdate: der.readTime(thisUpdate),
    nextUpdate: der.readTime(fields[4]),
    revoked: new Set(entries.map(readRevokedSerial)),
  }
}

function readRevokedSerial(entry: der.Element): Hex {
  const [serial, date, extensions, ...rest] = der.children(entry)
  if (rest.length > 0) throw new der.DerError('entry')
  der.readTime(date)
  if (extensions) refuseCritical(extensions)
  return bytesToHex(der.readUnsigned(serial))
}

/** A critical extension may say that the list is partial (delta, indirect, by distribution point): refused. */
function checkExtensions(element: der.Element | undefined): void {
  if (element) refuseCritical(der.onlyChild(element, 0xa0))
}

function refuseCritical(list: der.Element): void {
  for (const extension of der.children(list)) {
    if (der.children(extension).some((part) => part.tag === TAG.boolean)) throw new der.DerError('critical extension')
  }
}
