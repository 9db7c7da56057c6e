/**
 * What is a dApp asked before its function is run? Whether the function may be called in private, and what it prefetches.
 *
 * Both are answered without the inputs, which nobody has opened yet.
 */
import { concatBytes, type Hex, hexToBytes, label } from '@enigma/protocol'
import type { Outcome } from './outcome.ts'
import { prefetchedSlots } from './prefetch.ts'
import type { PrivateRun } from './private-run.ts'
import type { Steps, StorageSlot } from './steps.ts'

const ENIGMA_CALLBACK = label('enigmaCallback(bytes4)').slice(0, 10) as Hex
const ENIGMA_PREFETCH = label('enigmaPrefetch(bytes4)').slice(0, 10) as Hex
/** What one question may cost: an if-chain of a thousand functions, and no way to spend a task's gas twice. */
const QUESTION_GAS = 1n << 20n
/** EIP-7702: code that begins so is a pointer to code that its owner may exchange at any time. */
const DELEGATION = [0xef, 0x01, 0x00]

/** Whether an account's code is no code of its own. */
export function isDelegation(code: Uint8Array): boolean {
  return DELEGATION.every((byte, i) => code[i] === byte)
}

/** Whether the dApp names a callback for this function. */
export function* askCallable(run: PrivateRun, callable: Hex): Steps<boolean> {
  return isCallable(yield* run.call(question(ENIGMA_CALLBACK, callable), QUESTION_GAS))
}

/** The slots that the dApp wants to be asked for. Null if they are more than a task may read. */
export function* askPrefetch(run: PrivateRun, callable: Hex): Steps<StorageSlot[] | null> {
  return prefetchedSlots(yield* run.call(question(ENIGMA_PREFETCH, callable), QUESTION_GAS), run.caps.reads)
}

/** A call of the dApp's own `name(bytes4 callable)`. */
function question(name: Hex, callable: Hex): Uint8Array {
  return concatBytes(hexToBytes(name), hexToBytes(callable), new Uint8Array(28))
}

/** A `bytes4` as Solidity returns it, and not zero. */
function isCallable(outcome: Outcome): boolean {
  if (outcome.kind !== 'returned' || outcome.output.length !== 32) return false
  const callback = outcome.output.subarray(0, 4)
  return callback.some((byte) => byte !== 0) && outcome.output.subarray(4).every((byte) => byte === 0)
}
