/** For tests only: HPKE's primitives on node:crypto, as Core has them, and key pairs. */
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type KeyObject,
} from 'node:crypto'
import type { HpkeCrypto, KeyPair } from '../index.ts'
import { bytesToHex, hexToBytes, keccak256, utf8, webCrypto } from '../index.ts'

export const nodeCrypto: HpkeCrypto = {
  publicKey: (secretKey) =>
    new Uint8Array(createPublicKey(privateKey(secretKey)).export({ format: 'der', type: 'spki' }).subarray(-32)),
  dh(secretKey, publicKey) {
    try {
      return new Uint8Array(diffieHellman({ privateKey: privateKey(secretKey), publicKey: publicKeyOf(publicKey) }))
    } catch {
      return null
    }
  },
  sealAes256Gcm(key, nonce, aad, plaintext) {
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aad)
    return new Uint8Array(Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]))
  },
  openAes256Gcm(key, nonce, aad, ciphertext) {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(aad)
    decipher.setAuthTag(ciphertext.subarray(-16))
    const plaintext = decipher.update(ciphertext.subarray(0, -16))
    try {
      return new Uint8Array(Buffer.concat([plaintext, decipher.final()]))
    } catch {
      return null
    }
  },
}

/** The same key pair for the same name. */
export async function testKeys(name: string): Promise<KeyPair> {
  const secretKey = hexToBytes(keccak256(utf8(`test key ${name}`)))
  return { secretKey, publicKey: bytesToHex(await webCrypto.publicKey(secretKey)) }
}

/** `bytes` with one bit flipped. */
export function flip(bytes: Uint8Array, at: number, bit = 0): Uint8Array {
  const copy = bytes.slice()
  copy[at] = (copy[at] as number) ^ (1 << bit)
  return copy
}

/** RFC 8410: the DER in which OpenSSL takes raw X25519 keys. */
function privateKey(raw: Uint8Array): KeyObject {
  const der = Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), raw])
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
}

function publicKeyOf(raw: Uint8Array): KeyObject {
  const der = Buffer.concat([Buffer.from('302a300506032b656e032100', 'hex'), raw])
  return createPublicKey({ key: der, format: 'der', type: 'spki' })
}
