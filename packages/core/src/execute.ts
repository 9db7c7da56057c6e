/**
 * How does a task run, from its proven facts to what Core signs about it?
 *
 * The order carries the promise: the dApp's own word that the function may be called in private comes before the inputs
 * are opened, and so do the slots that it wants to be asked for whatever the inputs say. They open only under the context
 * of this very task. What follows is a pure function of task, code, state and keys: running it again tells nothing new
 * (S13), and every addressed Core ends it alike.
 */
import {
  concatBytes,
  EnvelopeError,
  gasLimitOf,
  type Hex,
  hexToBytes,
  type KeyPair,
  label,
  type OpenedInputs,
  openInputs,
  STATUS,
  sealReason,
  type Task,
} from '@enigma/protocol'
import type { AdmittedTask } from './admit.ts'
import type { Wanted } from './chain-view.ts'
import { coreCrypto } from './core-crypto.ts'
import type { Outcome, Run } from './engine.ts'
import { type Failure, reasonOf } from './failure.ts'
import { ENIGMA_PREFETCH, prefetchedSlots } from './prefetch.ts'
import type { Ending } from './receipts.ts'

const ENIGMA_CALLBACK = label('enigmaCallback(bytes4)').slice(0, 10) as Hex
/** What asking the dApp may cost: an if-chain of a thousand functions, and no way to spend a task's gas twice. */
const QUESTION_GAS = 1n << 20n
/** EIP-7702: code that begins so is a pointer to code that its owner may exchange at any time. */
const DELEGATION = [0xef, 0x01, 0x00]
const NOTHING = new Uint8Array(0)

export type ExecuteParts = { keys: readonly KeyPair[]; run: Run }

/** Yields what it needs of the chain; returns how the task ended. */
export async function* execute(
  admitted: AdmittedTask,
  { keys, run }: ExecuteParts,
): AsyncGenerator<Wanted, Ending, void> {
  const { task, code } = admitted
  if (DELEGATION.every((byte, i) => code[i] === byte)) return failed(NOTHING)

  if (!isCallable(yield* run.call(question(ENIGMA_CALLBACK, task), QUESTION_GAS))) return failed(NOTHING)
  const slots = prefetchedSlots(yield* run.call(question(ENIGMA_PREFETCH, task), QUESTION_GAS))
  if (slots === null || !(yield* run.prefetch(slots))) return failed(NOTHING)

  const inputs = await open(admitted, keys)
  if (inputs === null) return { status: STATUS.notOpened, output: NOTHING }

  const outcome = yield* run.call(concatBytes(hexToBytes(task.callable), inputs.args), gasLimitOf(task.gasClass))
  if (outcome.kind === 'returned') {
    const { output } = outcome
    if (output.length <= task.outputCap) return { status: STATUS.result, output }
    return failed(await sealed(admitted, inputs, { kind: 'halted', halt: 'output' }))
  }
  return failed(await sealed(admitted, inputs, outcome))
}

/** A call of the dApp's own `name(bytes4 callable)`. */
function question(name: Hex, { callable }: Task): Uint8Array {
  return concatBytes(hexToBytes(name), hexToBytes(callable), new Uint8Array(28))
}

/** A `bytes4` as Solidity returns it, and not zero. */
function isCallable(outcome: Outcome): boolean {
  if (outcome.kind !== 'returned' || outcome.output.length !== 32) return false
  const callback = outcome.output.subarray(0, 4)
  return callback.some((byte) => byte !== 0) && outcome.output.subarray(4).every((byte) => byte === 0)
}

/** Returns null where inputs that are addressed to us do not open: that is a verdict, which every holder of the key reaches. */
async function open({ inputs, context }: AdmittedTask, keys: readonly KeyPair[]): Promise<OpenedInputs | null> {
  try {
    return await openInputs({ envelope: inputs, context, keys }, coreCrypto)
  } catch (error) {
    if (error instanceof EnvelopeError) {
      if (error.code === 'ENVELOPE_DOES_NOT_OPEN' || error.code === 'ENVELOPE_BAD_MESSAGE') return null
    }
    throw error
  }
}

function sealed(admitted: AdmittedTask, inputs: OpenedInputs, failure: Failure): Promise<Uint8Array> {
  const { taskId, task, view, networkHash } = admitted
  const { dApp, outputCap } = task
  const parts = { inputs, networkHash, dApp, taskId, anchor: view.header.hash, reason: reasonOf(failure), outputCap }
  return sealReason(parts, coreCrypto)
}

function failed(output: Uint8Array): Ending {
  return { status: STATUS.failed, output }
}
