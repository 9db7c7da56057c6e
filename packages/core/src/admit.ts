/**
 * Is this a task that Core may run at all?
 *
 * Everything is recomputed from the task itself, nothing is taken from the host where a hash can be checked. A refusal
 * here is an error over the door and never a receipt: other bytes might still be the right ones.
 */
import {
  type Hex,
  type InputContext,
  inputContext,
  KIND,
  keccak256,
  keyIdOf,
  LIMITS,
  type Network,
  networkHash,
  parseEnvelope,
  type Task,
  taskId,
} from '@enigma/protocol'
import type { CallParams, Header } from './calls.ts'
import { CoreError } from './errors.ts'

/** A task whose parts belong together and whose inputs name a key of this Core. */
export type AdmittedTask = {
  taskId: Hex
  task: Task
  header: Header
  code: Uint8Array
  inputs: Uint8Array
  /** What the inputs must have been sealed for (S8, S9). */
  context: InputContext
  networkHash: Hex
}

/** Throws CoreError where something does not fit. */
export function admitTask(
  network: Network,
  inputKeys: readonly { publicKey: Hex }[],
  { task, header, code, inputs }: CallParams<'execute'>,
): AdmittedTask {
  if (task.gasClass > LIMITS.gasClass || task.outputCap > LIMITS.outputBytes || task.callbackGas > LIMITS.callbackGas) {
    throw new CoreError('BAD_TASK')
  }
  if (header.number !== task.createdBlock) throw new CoreError('BAD_HEADER')
  if (keccak256(code) !== task.codeHash) throw new CoreError('BAD_CODE')
  if (keccak256(inputs) !== task.inputsHash) throw new CoreError('BAD_INPUTS')
  if (!isAddressed(inputs, inputKeys)) throw new CoreError('NOT_ADDRESSED')

  const hash = networkHash(network)
  const context = inputContext({ networkHash: hash, ...task })
  return { taskId: taskId(network, task), task, header, code, inputs, context, networkHash: hash }
}

/** Malformed inputs are addressed to nobody, so no Core may sign about them. */
function isAddressed(inputs: Uint8Array, inputKeys: readonly { publicKey: Hex }[]): boolean {
  const own = new Set(inputKeys.map(({ publicKey }) => keyIdOf(publicKey)))
  let envelope: ReturnType<typeof parseEnvelope>
  try {
    envelope = parseEnvelope(inputs)
  } catch {
    throw new CoreError('BAD_INPUTS')
  }
  if (envelope.kind !== KIND.inputs) throw new CoreError('BAD_INPUTS')
  return envelope.recipients.some(({ keyId }) => own.has(keyId))
}
