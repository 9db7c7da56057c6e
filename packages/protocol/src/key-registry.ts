/**
 * Where the chain keeps what it knows of the network secret: a contract of its own beside Enigma, and its storage words.
 *
 * Core reads these words by proof, so their places are part of the protocol. Enigma's constructor creates the registry as
 * its first contract: its address follows from Enigma's, and no configuration can name another.
 */
import { abiAddress, abiEncode, abiFixedBytes, abiUint } from './abi.ts'
import { type Address, concatBytes, type Hex, hexToBytes, keccak256, parseHex } from './bytes.ts'
import { bits, place, smallBits, uint } from './word.ts'

export type RegistryState = {
  /** The last final one; 0 before the first. */
  generation: number
  /** What lies below is neither handed on nor opened. */
  minGeneration: number
  /** The one that a commitment is wanted or awaited for, `generation` + 1; equal to `generation` if none is. */
  openGeneration: number
  /** No seat joins that never held a generation. */
  isFrozen: boolean
  /** Bit i: a seat of measurement i was given a secret. */
  heldMask: number
  /** Bit i: a generation was opened because measurement i had been revoked. */
  rotatedMask: number
}

/** The contract that Enigma creates with its nonce 1: keccak256(rlp([enigma, 1])) (EIP-161, Yellow Paper section 7). */
export function keyRegistryOf(enigma: Address): Address {
  const creator = hexToBytes(parseHex(enigma, { bytes: 20, what: 'enigma' }))
  return `0x${keccak256(concatBytes(new Uint8Array([0xd6, 0x94]), creator, new Uint8Array([0x01]))).slice(26)}`
}

/** Places of words in the registry's storage. */
export const registrySlot = {
  /** `RegistryState`, packed. */
  state: slotOf(0),
  /** The commitment of a generation. */
  commitment: (generation: number): Hex => mapped(abiUint(generation, 32), 1),
  /** The word behind it, from low bits: network signer 160 | seat that committed 32 | epoch in which it did 32. */
  committed: (generation: number): Hex => word(BigInt(mapped(abiUint(generation, 32), 1)) + 1n),
  /** The last key that the seat asked to be given the secrets under; zero if none waits. */
  joinKey: (seat: number): Hex => mapped(abiUint(seat), 2),
  /** The last generation that was given to this signer, in the lowest 32 bits; 0 if none. */
  heldBy: (signer: Address): Hex => mapped(abiAddress(signer), 3),
  /** The X25519 public key of a dApp's code in a generation; zero until it is published. */
  contractKey: (dApp: Address, codeHash: Hex, generation: number): Hex =>
    mapped(abiFixedBytes(keccak256(abiEncode(abiAddress(dApp), abiFixedBytes(codeHash), abiUint(generation, 32)))), 4),
  /** keccak256 of the verifier's ABI-encoded policy. */
  policyHash: slotOf(5),
  /** Under which networkHash seats of this measurement sign and are attested; zero: the one that the network began with. */
  networkHash: (measurementId: number): Hex => mapped(abiUint(measurementId), 7),
} as const

/** Places of words in Enigma's storage that a donor of secrets reads. For tasks' words see `slotKey`. */
export const enigmaSlot = {
  /** The seat's word, see `parseSeatWord`. */
  seat: (seat: number): Hex => mapped(abiUint(seat), 1),
  /** Lowest 160 bits: the operator. */
  holder: (seat: number): Hex => mapped(abiUint(seat), 2),
  /** The admitted measurement with this id. */
  measurement: (id: number): Hex => word(BigInt(keccak256(hexToBytes(slotOf(3)))) + uint(id, 8, 'measurement')),
  /** Lowest 32 bits: the mask of revoked measurements. */
  revoked: slotOf(4),
} as const

/** From low bits: generation 32 | minGeneration 32 | openGeneration 32 | frozen 8 | heldMask 32 | rotatedMask 32. Above, for the registry alone: laterMask 32. */
export function parseRegistryState(state: bigint): RegistryState {
  return {
    generation: smallBits(state, 0, 32),
    minGeneration: smallBits(state, 32, 32),
    openGeneration: smallBits(state, 64, 32),
    isFrozen: bits(state, 96, 8) !== 0n,
    heldMask: smallBits(state, 104, 32),
    rotatedMask: smallBits(state, 136, 32),
  }
}

export function packRegistryState(state: RegistryState): bigint {
  return (
    place(state.generation, 0, 32, 'generation') |
    place(state.minGeneration, 32, 32, 'minGeneration') |
    place(state.openGeneration, 64, 32, 'openGeneration') |
    place(state.isFrozen ? 1 : 0, 96, 8, 'isFrozen') |
    place(state.heldMask, 104, 32, 'heldMask') |
    place(state.rotatedMask, 136, 32, 'rotatedMask')
  )
}

function mapped(key: { readonly word: Uint8Array }, position: number): Hex {
  return keccak256(abiEncode(key, abiUint(position)))
}

function slotOf(position: number): Hex {
  return word(BigInt(position))
}

function word(value: bigint): Hex {
  return `0x${BigInt.asUintN(256, value).toString(16).padStart(64, '0')}`
}
