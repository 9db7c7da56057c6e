/**
 * How does a task run, from its proven facts to what Core signs about it?
 *
 * The order carries the promise: the dApp's own word that the function may be called in private comes before the inputs
 * are opened, and so does all that is asked for whatever the inputs say. They open only under the context
 * of this very task. What follows is a pure function of task, code, state and keys: running it again tells nothing new
 * (S13), and every addressed Core ends it alike.
 */
import {
  askCallable,
  askPrefetch,
  isDelegation,
  isPending,
  mentionsPrivateCalls,
  type PrivateRun,
  type PrivateSteps,
  type Wanted,
} from '@enigma/evm/private'
import {
  concatBytes,
  EnvelopeError,
  gasLimitOf,
  hexToBytes,
  type KeyPair,
  type OpenedInputs,
  openInputs,
  STATUS,
  sealReason,
} from '@enigma/protocol'
import type { AdmittedTask } from './admit.ts'
import { coreCrypto } from './core-crypto.ts'
import { type Failure, reasonOf } from './failure.ts'
import type { PrivateCalls } from './private-calls.ts'
import type { Ending } from './receipts.ts'

const NOTHING = new Uint8Array(0)

export type ExecuteParts = { keys: readonly KeyPair[]; run: PrivateRun; privateCalls: PrivateCalls }

/** Yields what it needs of the chain, or `turn`; returns how the task ended. */
export async function* execute(
  admitted: AdmittedTask,
  { keys, run, privateCalls }: ExecuteParts,
): AsyncGenerator<Wanted | 'turn', Ending, void> {
  const { task, code } = admitted
  if (isDelegation(code)) return failed(NOTHING)

  if (!(yield* askCallable(run, task.callable))) return failed(NOTHING)
  const slots = yield* askPrefetch(run, task.callable)
  if (slots === null || !(yield* run.prefetch(slots))) return failed(NOTHING)
  // Not when they are called for: whoever proves the registry would see that the inputs lead there.
  if (mentionsPrivateCalls(code)) yield* privateCalls.prepare()

  const inputs = await open(admitted, keys)
  if (inputs === null) return { status: STATUS.notOpened, output: NOTHING }

  const data = concatBytes(hexToBytes(task.callable), inputs.args)
  const outcome = yield* answered(run.callInPrivate(data, gasLimitOf(task.gasClass)), privateCalls)
  if (outcome.kind === 'returned') {
    const { output } = outcome
    if (output.length <= task.outputCap) return { status: STATUS.result, output }
    return failed(await sealed(admitted, inputs, { kind: 'halted', halt: 'output' }))
  }
  return failed(await sealed(admitted, inputs, outcome))
}

/** Goes on with a run, and answers its private calls. */
async function* answered<Value>(
  steps: PrivateSteps<Value>,
  privateCalls: PrivateCalls,
): AsyncGenerator<Wanted | 'turn', Value, void> {
  for (;;) {
    const { value, done } = steps.next()
    if (done) return value
    if (isPending(value)) value.ending = yield* privateCalls.answer(value.asked)
    else yield value
  }
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
