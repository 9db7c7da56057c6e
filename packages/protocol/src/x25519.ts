/**
 * X25519 (RFC 7748) by the platform where it can, else by noble's Montgomery ladder.
 *
 * The platform takes a tenth of the ladder's time; browsers have it since 2023 (Safari 17) to 2025 (Chromium 133). noble's own
 * export computes public keys on the Edwards curve, twice as fast; that would have every page download the curve.
 */
import { pow } from '@noble/curves/abstract/modular.js'
import { montgomery } from '@noble/curves/abstract/montgomery.js'

const P = 2n ** 255n - 19n
const KEY_BYTES = 32
const BASE_POINT = Uint8Array.of(9, ...new Uint8Array(KEY_BYTES - 1))
/** RFC 8410: what stands before a raw secret key in the one form in which WebCrypto takes it without its public key. */
const PKCS8 = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 0x22, 4, 0x20)

/** Throws where the secret key has not 32 bytes. */
export async function publicKeyOf(secretKey: Uint8Array): Promise<Uint8Array> {
  return (await byPlatform(secretKey, BASE_POINT)) ?? ladder.getPublicKey(secretKey)
}

/** Null for a public key of low order (RFC 7748, 6.1), and for one that has not 32 bytes. */
export async function sharedSecretOf(secretKey: Uint8Array, publicKey: Uint8Array): Promise<Uint8Array | null> {
  const shared = await byPlatform(secretKey, publicKey)
  if (shared) return shared
  try {
    return ladder.getSharedSecret(secretKey, publicKey)
  } catch {
    return null
  }
}

/** Undefined where the platform has no X25519, and where it refuses: then the ladder tells why. */
async function byPlatform(secretKey: Uint8Array, publicKey: Uint8Array): Promise<Uint8Array | undefined> {
  // OpenSSL takes a key that is too long for its first 32 bytes.
  if (secretKey.length !== KEY_BYTES || publicKey.length !== KEY_BYTES) return
  try {
    const { subtle } = globalThis.crypto
    const [own, theirs] = await Promise.all([
      subtle.importKey('pkcs8', Uint8Array.of(...PKCS8, ...secretKey), 'X25519', false, ['deriveBits']),
      subtle.importKey('raw', new Uint8Array(publicKey), 'X25519', false, []),
    ])
    const shared = new Uint8Array(await subtle.deriveBits({ name: 'X25519', public: theirs }, own, 8 * KEY_BYTES))
    return shared.every((byte) => byte === 0) ? undefined : shared
  } catch {
    return
  }
}

const ladder = /* @__PURE__ */ montgomery({
  P,
  type: 'x25519',
  powPminus2: (x) => pow(x, P - 2n, P),
  adjustScalarBytes: (bytes: Uint8Array) => {
    const [first, last] = [bytes[0] as number, bytes[31] as number]
    bytes[0] = first & 0b1111_1000
    bytes[31] = (last & 0b0111_1111) | 0b0100_0000
    return bytes
  },
})
