/** The key that tokens are signed with: generated at the first start and kept for its owner alone, or given. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readFileIfThere, type Secret, writeFileDurably } from '@enigma/process'
import { EnigmaError, utf8 } from '@enigma/protocol'
import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose'

export type TokenKey = {
  readonly privateKey: KeyObject
  /** As published, with `kid`. */
  readonly jwk: JWK & { kid: string }
}

/** The given key, else the one kept at `path`, else a new one that is kept there from now on. */
export async function loadTokenKey(given: Secret | undefined, path: string): Promise<TokenKey> {
  if (given) return tokenKeyOf(given.reveal())
  const kept = readFileIfThere(path)
  if (kept) return tokenKeyOf(new TextDecoder().decode(kept))
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  writeFileDurably(path, utf8(pem))
  return tokenKeyOf(pem)
}

async function tokenKeyOf(pem: string): Promise<TokenKey> {
  const privateKey = parseKey(pem)
  const jwk = await exportJWK(createPublicKey(privateKey))
  const kid = await calculateJwkThumbprint(jwk)
  return { privateKey, jwk: { ...jwk, kid, alg: 'ES256', use: 'sig' } }
}

function parseKey(pem: string): KeyObject {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch {
    throw new TokenKeyError()
  }
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new TokenKeyError()
  return key
}

/** Thrown for a key that cannot sign ES256. Says nothing of what stands there. */
export class TokenKeyError extends EnigmaError {
  override readonly name = 'TokenKey.TokenKeyError'
  readonly code = 'TOKEN_KEY'
  constructor() {
    super('The token key is not a private key on P-256 in PEM.', {
      hint: 'openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 makes one; without one the service does.',
    })
  }
}
