/**
 * The secrets of all generations in force, sealed by one Core to another's join key (HPKE, one message).
 *
 *   ciphertext = enc 32 ‖ AES-256-GCM(G[minGeneration] ‖ … ‖ G[generation]) ‖ tag 16
 */
import { abiEncode, abiFixedBytes, abiFixedWords, abiUint } from './abi.ts'
import { concatBytes, type Hex, hexToBytes, label, utf8 } from './bytes.ts'
import type { HpkeCrypto } from './crypto.ts'
import { EnigmaError } from './errors.ts'
import { hpkeOpen, hpkeSeal, KEY_BYTES, TAG_BYTES } from './hpke.ts'
import type { KeyPair } from './inputs.ts'

export const SECRET_BYTES = 32
/** More generations than this cannot be handed on at once: minGeneration has to rise. */
export const MAX_GENERATIONS = 64

export type GrantContext = {
  networkHash: Hex
  seat: number
  donorSeat: number
  joinKey: Hex
  minGeneration: number
  generation: number
  /** Of minGeneration to generation. */
  commitments: readonly Hex[]
}

const INFO = utf8('enigma/grant/v1')

/** Throws a `PublicKeyError` for a join key that everybody could open: a joiner may have chosen it so. */
export async function sealGrant(
  secrets: readonly Uint8Array[],
  context: GrantContext,
  crypto: HpkeCrypto,
): Promise<Uint8Array> {
  if (!isWhole(context) || secrets.length !== context.commitments.length)
    throw new GrantError('one for each commitment')
  if (secrets.some((secret) => secret.length !== SECRET_BYTES)) throw new GrantError(`${SECRET_BYTES} bytes each`)
  const parts = { info: INFO, aad: aadOf(context), plaintext: concatBytes(...secrets) }
  const { enc, ciphertext } = await hpkeSeal({ recipient: hexToBytes(context.joinKey), ...parts }, crypto)
  return concatBytes(enc, ciphertext)
}

/** Null where it is not for this key and context, or was changed. Whose secrets they are, the commitments tell. */
export async function openGrant(
  sealed: Uint8Array,
  { publicKey, secretKey }: KeyPair,
  context: GrantContext,
  crypto: HpkeCrypto,
): Promise<Uint8Array[] | null> {
  const count = context.commitments.length
  if (!isWhole(context) || sealed.length !== KEY_BYTES + count * SECRET_BYTES + TAG_BYTES) return null
  const opened = await hpkeOpen(
    {
      publicKey: hexToBytes(publicKey),
      secretKey,
      enc: sealed.slice(0, KEY_BYTES),
      info: INFO,
      aad: aadOf(context),
      ciphertext: sealed.slice(KEY_BYTES),
    },
    crypto,
  )
  if (opened === null) return null
  return Array.from({ length: count }, (_, i) => opened.slice(i * SECRET_BYTES, (i + 1) * SECRET_BYTES))
}

/** Whether it names at least one generation, at most as many as fit, and a commitment for each. */
function isWhole({ minGeneration, generation, commitments }: GrantContext): boolean {
  const count = generation - minGeneration + 1
  return count >= 1 && count <= MAX_GENERATIONS && commitments.length === count
}

function aadOf({ networkHash, seat, donorSeat, joinKey, minGeneration, generation, commitments }: GrantContext) {
  return abiEncode(
    abiFixedBytes(label('enigma.grant.v1')),
    abiFixedBytes(networkHash),
    abiUint(seat),
    abiUint(donorSeat),
    abiFixedBytes(joinKey),
    abiUint(minGeneration, 32),
    abiUint(generation, 32),
    abiFixedWords(commitments),
  )
}

/** Thrown when what is to be granted is not what the context says. */
export class GrantError extends EnigmaError {
  override readonly name = 'Grant.GrantError'
  readonly code = 'MALFORMED_GRANT'
  constructor(rule: string) {
    super(`The secrets of a grant are those of minGeneration to generation: ${rule}.`, {
      hint: `Grant at most ${MAX_GENERATIONS} generations, as the registry names them.`,
    })
  }
}
