/**
 * The one word in which the contract keeps a requester's slot, recycled for task after task.
 *
 * Top two bits 00: free, with seq in bits 0..63 and the balance in gwei in 64..127. 10: pending, with the low 254 bits
 * of the task's id. 11: undelivered, with those of the hash of a result whose callback failed.
 */
import { abiAddress, abiEncode, abiFixedBytes, abiUint } from './abi.ts'
import { type Address, type Hex, keccak256, parseHex } from './bytes.ts'
import { EnigmaError } from './errors.ts'
import { bits, place } from './word.ts'

export type Slot =
  | { state: 'free'; seq: bigint; balanceGwei: bigint }
  | { state: 'pending' /** Low 254 bits of the pending task's id. */; taskIdBits: bigint }
  | { state: 'undelivered' /** Low 254 bits of `undeliveredHash`. */; hashBits: bigint }

const PENDING = 0b10n
const UNDELIVERED = 0b11n

export function parseSlotWord(word: bigint): Slot {
  if (word >> 254n === PENDING) return { state: 'pending', taskIdBits: bits(word, 0, 254) }
  if (word >> 254n === UNDELIVERED) return { state: 'undelivered', hashBits: bits(word, 0, 254) }
  // Covers the fourth state as well.
  if (word >> 128n !== 0n) throw new MalformedSlotError(word)
  return { state: 'free', seq: bits(word, 0, 64), balanceGwei: bits(word, 64, 64) }
}

export function freeWord({ seq, balanceGwei }: { seq: bigint; balanceGwei: bigint }): bigint {
  return place(seq, 0, 64, 'seq') | place(balanceGwei, 64, 64, 'balanceGwei')
}

/** What the slot's word must be while this task waits. */
export function pendingWord(taskId: Hex): bigint {
  return (PENDING << 254n) | bits(BigInt(parseHex(taskId, { bytes: 32, what: 'taskId' })), 0, 254)
}

/** A result whose callback failed, as `Undelivered` in IEnigmaTasks.sol, with the hash of its output. */
export type Undelivered = {
  taskId: Hex
  dApp: Address
  callable: Hex
  outputHash: Hex
  requester: Address
  slot: number
  seq: bigint
  restGwei: bigint
  createdBlock: number
}

/** keccak256(abi.encode(taskId, dApp, callable, outputHash, requester, slot, seq, rest, createdBlock)). */
export function undeliveredHash(result: Undelivered): Hex {
  return keccak256(
    abiEncode(
      abiFixedBytes(result.taskId),
      abiAddress(result.dApp),
      abiFixedBytes(result.callable, 4),
      abiFixedBytes(result.outputHash),
      abiAddress(result.requester),
      abiUint(result.slot, 32),
      abiUint(result.seq, 64),
      abiUint(result.restGwei, 64),
      abiUint(result.createdBlock, 40),
    ),
  )
}

/** What the slot's word is while this result waits to be delivered again or abandoned. */
export function undeliveredWord(result: Undelivered): bigint {
  return (UNDELIVERED << 254n) | bits(BigInt(undeliveredHash(result)), 0, 254)
}

/** Where the word stands in the contract's storage: its first variable maps requester and slot to it. */
export function slotKey(requester: Address, slot: number): Hex {
  const ofRequester = keccak256(abiEncode(abiAddress(requester), abiUint(0)))
  return keccak256(abiEncode(abiUint(slot, 32), abiFixedBytes(ofRequester)))
}

export class MalformedSlotError extends EnigmaError {
  override readonly name = 'Slot.MalformedSlotError'
  readonly code = 'MALFORMED_SLOT'
  constructor(found: bigint) {
    super(`No slot of this protocol holds the word 0x${found.toString(16)}.`, {
      hint: 'Check that the address is the Enigma contract, and that its version is the one you expect.',
    })
  }
}
