/** Node's own P-256 behind the verifier's seam. */
import { createPublicKey, verify } from 'node:crypto'
import { bytesToHex } from '@enigma/protocol'
import type { VerifyP256 } from '../p256.ts'

const keys = new Map<string, ReturnType<typeof createPublicKey>>()

export const nodeP256: VerifyP256 = (publicKey, message, signature) => {
  try {
    return verify('sha256', message, { key: keyOf(publicKey), dsaEncoding: 'ieee-p1363' }, signature)
  } catch {
    return false
  }
}

function keyOf(publicKey: Uint8Array): ReturnType<typeof createPublicKey> {
  const id = bytesToHex(publicKey)
  const base64url = (start: number) => Buffer.from(publicKey.subarray(start, start + 32)).toString('base64url')
  const jwk = { kty: 'EC', crv: 'P-256', x: base64url(1), y: base64url(33) }
  const key = keys.get(id) ?? createPublicKey({ key: jwk, format: 'jwk' })
  keys.set(id, key)
  return key
}
