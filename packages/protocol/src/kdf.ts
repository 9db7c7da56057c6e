/** HKDF-SHA256 (RFC 5869) as all of Enigma uses it: extract with the stated salt or none, expand to 32 bytes. */
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8 } from './bytes.ts'

export function hkdf32(secret: Uint8Array, { salt = '', info }: { salt?: string; info: Uint8Array }): Uint8Array {
  return hkdf(sha256, secret, utf8(salt), info, 32)
}
