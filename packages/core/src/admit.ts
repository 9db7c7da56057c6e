/**
 * Is this a task that Core may run at all?
 *
 * Nothing is taken from the host: hashes are recomputed, the header is observed, task and code are proven below it. A
 * refusal here is an error over the door and never a receipt: other bytes might still be the right ones.
 */
import { type Proven, ProvenView } from '@enigma/evm/private'
import { ProofError, type StateProof } from '@enigma/evm/proof'
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
  pendingWord,
  slotKey,
  type Task,
  taskId,
} from '@enigma/protocol'
import type { CallParams } from './calls.ts'
import { CoreError } from './errors.ts'
import { type BelievedHeader, believeHeader, parseHeader } from './observed.ts'

/** The state below a header that Core believes: all that an execution reads comes from here (S10 to S12). */
type ChainView = ProvenView<BelievedHeader>

/** A task whose parts belong together, that waits on chain, and whose inputs name a key of this Core. */
export type AdmittedTask = {
  taskId: Hex
  task: Task
  /** The chain at the end of the task's block. */
  view: ChainView
  code: Uint8Array
  inputs: Uint8Array
  /** What the inputs must have been sealed for (S8, S9). */
  context: InputContext
  networkHash: Hex
}

/** Throws CoreError where something does not fit. What costs least to check comes first. */
export function admitTask(
  network: Network,
  inputKeys: readonly { publicKey: Hex }[],
  { task, header: rlp, signatures, inputs, proof }: CallParams<'execute'>,
): AdmittedTask {
  if (task.gasClass > LIMITS.gasClass || task.outputCap > LIMITS.outputBytes || task.callbackGas > LIMITS.callbackGas) {
    throw new CoreError('BAD_TASK')
  }
  const header = parseHeader(rlp)
  if (header.number !== task.createdBlock) throw new CoreError('BAD_HEADER')
  if (keccak256(inputs) !== task.inputsHash) throw new CoreError('BAD_INPUTS')
  if (!isAddressed(inputs, inputKeys)) throw new CoreError('NOT_ADDRESSED')

  const view = new ProvenView(believeHeader(network, header, signatures))
  learn(view, proof)
  const id = taskId(network, task)
  checkPending(view, network, task, id)
  const code = provenCode(view, task)

  const hash = networkHash(network)
  const context = inputContext({ networkHash: hash, ...task })
  return { taskId: id, task, view, code, inputs, context, networkHash: hash }
}

/** Throws BAD_PROOF; the view is of no use after that. */
export function learn(view: ChainView, proof: StateProof): void {
  try {
    view.learn(proof)
  } catch (error) {
    if (error instanceof ProofError) throw new CoreError('BAD_PROOF', error.code)
    throw error
  }
}

/** The slot's word holds 254 bits of the id that Core computed itself: no other task, nor an invented one, has them (S10). */
function checkPending(view: ChainView, { enigma }: Network, { requester, slot }: Task, id: Hex): void {
  const word = known(view.slot({ address: enigma, slot: slotKey(requester, slot) }))
  if (BigInt(word) !== pendingWord(id)) throw new CoreError('NO_TASK')
}

function provenCode(view: ChainView, { dApp, codeHash }: Task): Uint8Array {
  const account = known(view.account(dApp))
  if (account?.codeHash !== codeHash) throw new CoreError('BAD_CODE')
  return known(view.code(dApp, codeHash))
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

/** What must be known from the first proof on: there is nothing yet that could wait for the rest. */
function known<Value>(proven: Proven<Value>): Value {
  const { value, done } = proven.next()
  if (!done) throw new CoreError('BAD_PROOF', 'PROOF_INCOMPLETE')
  return value
}
