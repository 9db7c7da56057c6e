/** Issues revocation lists in the shape of Intel's ("SGX PCK Certificate and CRL Profile"). */
import { sha1 } from '@noble/hashes/legacy.js'
import { distinguishedName, ECDSA_SHA256, extension, type Issuer, withSignature } from './certificates.ts'
import * as der from './der-writer.ts'

export type CrlOptions = {
  readonly issuer: Issuer
  readonly thisUpdate: number
  readonly nextUpdate: number | undefined
  readonly revoked: readonly Uint8Array[]
}

/** Returns a DER revocation list, version 2; its number is always 1, as Intel's is. */
export function issueCrl({ issuer, thisUpdate, nextUpdate, revoked }: CrlOptions): Uint8Array {
  const reason = der.sequence(extension('0x551d15', der.enumerated(1)))
  const entries = revoked.map((serial) => der.sequence(der.unsigned(serial), der.time(thisUpdate), reason))
  const extensions = der.sequence(
    extension('0x551d14', der.smallInteger(1)),
    extension('0x551d23', der.sequence(der.element(0x80, sha1(issuer.key.public)))),
  )
  const signed = der.sequence(
    der.smallInteger(1),
    ECDSA_SHA256,
    distinguishedName(issuer.name),
    der.time(thisUpdate),
    ...(nextUpdate === undefined ? [] : [der.time(nextUpdate)]),
    ...(entries.length === 0 ? [] : [der.sequence(...entries)]),
    der.element(0xa0, extensions),
  )
  return withSignature(signed, issuer.key)
}
