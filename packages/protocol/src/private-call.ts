/**
 * The calls that private code may make to the enclave it runs in: addresses, and what keys and numbers they derive.
 *
 * Sealing is deterministic, so that a backup worker produces the same bytes, and never meets a key twice with another
 * message: task, block, a counter, recipient, context and message all go into the ephemeral key.
 */
import { abiEncode, abiFixedBytes, abiUint } from './abi.ts'
import { type Address, bytesToHex, type Hex, hexToBytes, keccak256, label } from './bytes.ts'
import type { KIND } from './envelope.ts'
import { hkdf32 } from './kdf.ts'
import { MIN_PADDED, pad } from './padding.ts'

/** The last 20 bytes of keccak256("enigma.private.N"), N from 1 on. No contract stands there on any chain. */
export const PRIVATE_CALLS = {
  open: reserved(1),
  seal: reserved(2),
  sealTo: reserved(3),
  random: reserved(4),
} as const satisfies Record<string, Address>
export type PrivateCallName = keyof typeof PRIVATE_CALLS

/** Of one task: all calls but `open` count, and no revert takes the count back. */
export type CallMoment = { taskId: Hex; anchor: Hex; counter: number }

export type SealingFacts = CallMoment & {
  kind: typeof KIND.data | typeof KIND.reply
  /** X25519 public key. */
  recipient: Hex
  context: Uint8Array
  message: Uint8Array
}

/** The ephemeral X25519 secret of one envelope. */
export function sealingSecret(
  root: Uint8Array,
  { kind, taskId, anchor, counter, recipient, context, message }: SealingFacts,
): Uint8Array {
  const info = abiEncode(
    abiUint(kind, 8),
    abiFixedBytes(taskId),
    abiFixedBytes(anchor),
    abiUint(counter),
    abiFixedBytes(keccak256(hexToBytes(recipient))),
    abiFixedBytes(keccak256(context)),
    abiFixedBytes(keccak256(pad(message, MIN_PADDED.sealed))),
  )
  return hkdf32(root, { info })
}

/** 32 bytes that nobody outside can foretell, the same for every worker of the task. */
export function randomOf(root: Uint8Array, { taskId, anchor, counter }: CallMoment): Hex {
  return bytesToHex(hkdf32(root, { info: abiEncode(abiFixedBytes(taskId), abiFixedBytes(anchor), abiUint(counter)) }))
}

function reserved(number: number): Address {
  return `0x${label(`enigma.private.${number}`).slice(26)}`
}
