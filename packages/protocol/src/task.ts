/**
 * A task: its fields, the five words in which they travel, and the EIP-712 digest that is its id.
 *
 * The contract stores none of it, only bits of the id: whoever acts on a task brings the fields back and must hit that hash.
 */
import { abiAddress, abiFixedBytes, abiUint } from './abi.ts'
import { type Address, type Hex, parseHex } from './bytes.ts'
import { type Domain, enigmaDomain, typedDigest } from './eip712.ts'
import { EnigmaError } from './errors.ts'
import { bits, place, smallBits } from './word.ts'

export type Task = {
  /** The account that asked and paid. */
  requester: Address
  slot: number
  /** Counts the tasks of a slot, so that no id ever returns. */
  seq: bigint
  dApp: Address
  /** Selector of the private function. */
  callable: Hex
  callbackGas: number
  outputCap: number
  gasClass: number
  feeGwei: bigint
  /** What remains in the slot beside the fee. */
  restGwei: bigint
  createdBlock: bigint
  epoch: number
  lane: number
  /** EXTCODEHASH of the dApp in the block of the request. */
  codeHash: Hex
  /** keccak256 of the input envelope. */
  inputsHash: Hex
}

export type TaskTarget = Pick<Task, 'dApp' | 'callable' | 'callbackGas' | 'outputCap' | 'gasClass'>

/** Solidity's `struct Task`. */
export type PackedTask = { ref: bigint; target: bigint; terms: bigint; codeHash: Hex; inputsHash: Hex }

const TYPE =
  'Task(address requester,uint32 slot,uint64 seq,address dApp,bytes4 callable,uint32 callbackGas,uint16 outputCap,' +
  'uint64 fee,uint64 rest,uint8 gasClass,uint40 createdBlock,uint24 epoch,uint16 lane,bytes32 codeHash,bytes32 inputsHash)'

export function taskId(domain: Domain, task: Task): Hex {
  return typedDigest(enigmaDomain(domain), TYPE, [
    abiAddress(task.requester),
    abiUint(task.slot, 32),
    abiUint(task.seq, 64),
    abiAddress(task.dApp),
    abiFixedBytes(task.callable, 4),
    abiUint(task.callbackGas, 32),
    abiUint(task.outputCap, 16),
    abiUint(task.feeGwei, 64),
    abiUint(task.restGwei, 64),
    abiUint(task.gasClass, 8),
    abiUint(task.createdBlock, 40),
    abiUint(task.epoch, 24),
    abiUint(task.lane, 16),
    abiFixedBytes(task.codeHash),
    abiFixedBytes(task.inputsHash),
  ])
}

export function packTarget({ dApp, callable, callbackGas, outputCap, gasClass }: TaskTarget): bigint {
  return (
    place(parseHex(dApp, { bytes: 20, what: 'dApp' }), 0, 160, 'dApp') |
    place(parseHex(callable, { bytes: 4, what: 'callable' }), 160, 32, 'callable') |
    place(callbackGas, 192, 32, 'callbackGas') |
    place(outputCap, 224, 16, 'outputCap') |
    place(gasClass, 240, 8, 'gasClass')
  )
}

export function packTask(task: Task): PackedTask {
  const requester = parseHex(task.requester, { bytes: 20, what: 'requester' })
  return {
    ref: place(requester, 0, 160, 'requester') | place(task.slot, 160, 32, 'slot') | place(task.seq, 192, 64, 'seq'),
    target: packTarget(task),
    terms:
      place(task.feeGwei, 0, 64, 'feeGwei') |
      place(task.restGwei, 64, 64, 'restGwei') |
      place(task.createdBlock, 128, 40, 'createdBlock') |
      place(task.epoch, 168, 24, 'epoch') |
      place(task.lane, 192, 16, 'lane'),
    codeHash: parseHex(task.codeHash, { bytes: 32, what: 'codeHash' }),
    inputsHash: parseHex(task.inputsHash, { bytes: 32, what: 'inputsHash' }),
  }
}

export function unpackTask({ ref, target, terms, codeHash, inputsHash }: PackedTask): Task {
  // Bits outside the fields would give two packings of one task id.
  if (target >> 248n !== 0n) throw new MalformedTaskError('target', target)
  if (terms >> 208n !== 0n) throw new MalformedTaskError('terms', terms)
  if (ref < 0n || ref >> 256n !== 0n) throw new MalformedTaskError('ref', ref)
  return {
    requester: hexOf(bits(ref, 0, 160), 20),
    slot: smallBits(ref, 160, 32),
    seq: bits(ref, 192, 64),
    dApp: hexOf(bits(target, 0, 160), 20),
    callable: hexOf(bits(target, 160, 32), 4),
    callbackGas: smallBits(target, 192, 32),
    outputCap: smallBits(target, 224, 16),
    gasClass: smallBits(target, 240, 8),
    feeGwei: bits(terms, 0, 64),
    restGwei: bits(terms, 64, 64),
    createdBlock: bits(terms, 128, 40),
    epoch: smallBits(terms, 168, 24),
    lane: smallBits(terms, 192, 16),
    codeHash: parseHex(codeHash, { bytes: 32, what: 'codeHash' }),
    inputsHash: parseHex(inputsHash, { bytes: 32, what: 'inputsHash' }),
  }
}

function hexOf(value: bigint, bytes: number): Hex {
  return `0x${value.toString(16).padStart(bytes * 2, '0')}`
}

/** Thrown when a word of a packed task has bits where none may be. */
export class MalformedTaskError extends EnigmaError {
  override readonly name = 'Task.MalformedTaskError'
  readonly code = 'MALFORMED_TASK'
  constructor(word: string, found: bigint) {
    super(`The word "${word}" of this task has bits outside its fields: 0x${found.toString(16)}.`, {
      hint: 'Take the words from the TaskRequested event as they are.',
    })
  }
}
