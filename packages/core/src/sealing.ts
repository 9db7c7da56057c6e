/**
 * How do keys survive a restart without leaving Core?
 *
 *   sealed = 0x01 ‖ salt 32 ‖ AES-256-GCM(platform's key for label ‖ salt, nonce 0, secret; AAD = 0x01 ‖ label) ‖ tag 16
 *   label  = "enigma/sealed/v1/" ‖ role ‖ 0x00 ‖ networkHash
 *
 * The platform's key is bound to the measurement, the label to role and network: a Core with other code, on another
 * machine, or started with other observers opens nothing (S25). The salt makes each key serve once, so the nonce may be 0.
 */
import { concatBytes, type Hex, hexToBytes, utf8 } from '@enigma/protocol'
import { coreCrypto } from './core-crypto.ts'
import { CoreError } from './errors.ts'
import type { Platform } from './platform/platform.ts'

export type SealingLabel = { role: 'worker' | 'principal'; networkHash: Hex }

const VERSION = new Uint8Array([1])
const SALT_BYTES = 32
const NONCE = new Uint8Array(12)

/** A platform that can seal. A trust domain's keys end with its memory. */
export type SealingPlatform = Platform & { sealingKey: (label: Uint8Array) => Uint8Array }

export function canSeal(platform: Platform): platform is SealingPlatform {
  return platform.sealingKey !== null
}

export async function seal(platform: SealingPlatform, label: SealingLabel, secret: Uint8Array): Promise<Uint8Array> {
  const bound = labelBytes(label)
  const salt = platform.random(SALT_BYTES)
  const key = platform.sealingKey(concatBytes(bound, salt))
  return concatBytes(VERSION, salt, await coreCrypto.sealAes256Gcm(key, NONCE, concatBytes(VERSION, bound), secret))
}

/** Throws SEALED_DOES_NOT_OPEN, whatever the reason: a host learns nothing from which check failed. */
export async function unseal(platform: SealingPlatform, label: SealingLabel, sealed: Uint8Array): Promise<Uint8Array> {
  if (sealed[0] !== VERSION[0]) throw new CoreError('SEALED_DOES_NOT_OPEN')
  const bound = labelBytes(label)
  const salt = sealed.subarray(1, 1 + SALT_BYTES)
  const key = platform.sealingKey(concatBytes(bound, salt))
  const aad = concatBytes(VERSION, bound)
  const secret = await coreCrypto.openAes256Gcm(key, NONCE, aad, sealed.subarray(1 + SALT_BYTES))
  if (secret === null) throw new CoreError('SEALED_DOES_NOT_OPEN')
  return secret
}

function labelBytes({ role, networkHash }: SealingLabel): Uint8Array {
  return concatBytes(utf8(`enigma/sealed/v1/${role}\0`), hexToBytes(networkHash))
}
