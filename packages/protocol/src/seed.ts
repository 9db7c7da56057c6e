/** What the Principal signs to give an epoch its seed, how the signature becomes the seed, and what takes its place. */
import { abiAddress, abiBytes, abiEncode, abiFixedBytes, abiUint } from './abi.ts'
import { type Hex, keccak256, label, utf8 } from './bytes.ts'
import type { Domain } from './eip712.ts'
import { EnigmaError } from './errors.ts'
import { bits } from './word.ts'

/** Bytes of a BLS signature in G1, as EIP-2537 encodes it. */
export const SEED_SIGNATURE_BYTES = 128

/** `anchor` is the hash of the epoch's boundary block, so that no seed can be computed before that block exists. */
export function seedMessage({ chainId, enigma, epoch, anchor }: Domain & { epoch: number; anchor: Hex }): Hex {
  return keccak256(
    abiEncode(
      abiFixedBytes(label('enigma.seed.v1')),
      abiUint(chainId),
      abiAddress(enigma),
      abiUint(epoch),
      abiFixedBytes(anchor),
    ),
  )
}

/** The low 176 bits of the signature's hash. A BLS signature is unique, so its maker has no choice of seed. */
export function seedOf(signature: Uint8Array): bigint {
  if (signature.length !== SEED_SIGNATURE_BYTES) throw new SeedSignatureError(`it has ${signature.length} bytes`)
  return bits(BigInt(keccak256(signature)), 0, 176)
}

/**
 * The seed of an epoch whose beacon was silent: the low 176 bits of keccak256(abi.encode("enigma.fallback.v1", epoch, blockHash)),
 * where `blockHash` is that of the cut, the block CUT behind the boundary.
 */
export function fallbackSeed(epoch: number, blockHash: Hex): bigint {
  const encoded = abiEncode(abiBytes(utf8('enigma.fallback.v1')), abiUint(epoch), abiFixedBytes(blockHash))
  return bits(BigInt(keccak256(encoded)), 0, 176)
}

export class SeedSignatureError extends EnigmaError {
  override readonly name = 'Seed.SeedSignatureError'
  readonly code = 'INVALID_SEED_SIGNATURE'
  constructor(found: string) {
    super(`This is no BLS signature over a seed: ${found}.`, {
      hint: 'A seed signature is 128 bytes: a point of G1, as EIP-2537 encodes it.',
    })
  }
}
