/**
 * Builds envelopes that the package itself would never make: the wrong ones, which every reader must refuse.
 *
 * Written against docs/protocol/formats.md from HPKE and AES-GCM up, so it also checks the package's own sealing.
 */
import { concatBytes, hexToBytes, hkdf32, hpkeSeal, keccak256, utf8, webCrypto } from '../../src/index.ts'

export type Craft = {
  head?: readonly number[]
  context: Uint8Array
  /** Raw X25519 public keys, each with the ephemeral key of its wrap. */
  recipients: readonly {
    publicKey: Uint8Array
    ephemeralSecret: Uint8Array
    contentKey?: Uint8Array
    enc?: Uint8Array
  }[]
  contentKey: Uint8Array
  commitment?: Uint8Array
  padded: Uint8Array
}

export async function craftInputs({
  head,
  context,
  recipients,
  contentKey,
  commitment,
  padded,
}: Craft): Promise<Uint8Array> {
  const start = new Uint8Array(head ?? [0x01, 0x01, 0x01, recipients.length])
  const keyIds = recipients.map(({ publicKey }) => hexToBytes(keccak256(publicKey)).slice(0, 8))
  const block: Uint8Array[] = []
  for (const [i, recipient] of recipients.entries()) {
    const sealed = await hpkeSeal({
      recipient: recipient.publicKey,
      ephemeralSecret: recipient.ephemeralSecret,
      info: concatBytes(utf8('enigma/envelope/v1'), new Uint8Array([0x01])),
      aad: concatBytes(start, ...keyIds, context),
      plaintext: recipient.contentKey ?? contentKey,
    })
    block.push(keyIds[i] as Uint8Array, recipient.enc ?? sealed.enc, sealed.ciphertext)
  }
  const committed = commitment ?? hkdf32(contentKey, { info: utf8('enigma/envelope-commit/v1') })
  const bodyKey = hkdf32(contentKey, { info: utf8('enigma/envelope-body/v1') })
  const outside = concatBytes(start, ...block, committed)
  const aad = concatBytes(outside, context)
  return concatBytes(outside, await webCrypto.sealAes256Gcm(bodyKey, new Uint8Array(12), aad, padded))
}

export type CraftSealed = {
  head: readonly number[]
  context: Uint8Array
  publicKey: Uint8Array
  ephemeralSecret: Uint8Array
  padded: Uint8Array
}

export async function craftSealed({
  head,
  context,
  publicKey,
  ephemeralSecret,
  padded,
}: CraftSealed): Promise<Uint8Array> {
  const outside = concatBytes(new Uint8Array(head), hexToBytes(keccak256(publicKey)).slice(0, 8))
  const { enc, ciphertext } = await hpkeSeal({
    recipient: publicKey,
    ephemeralSecret,
    info: concatBytes(utf8('enigma/envelope/v1'), new Uint8Array([head[2] as number])),
    aad: concatBytes(outside, context),
    plaintext: padded,
  })
  return concatBytes(outside, enc, ciphertext)
}

/** u32be length ‖ message ‖ zeros, to whatever size is asked for. */
export function padTo(size: number, message: Uint8Array, length: number = message.length): Uint8Array {
  const padded = new Uint8Array(size)
  new DataView(padded.buffer).setUint32(0, length)
  padded.set(message, 4)
  return padded
}
