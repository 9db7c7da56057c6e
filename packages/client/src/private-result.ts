/**
 * A result for the caller alone, by convention: the function's last parameter is `bytes32 replyKey`, and it has an output
 * `bytes reply`, made by `Private.sealTo(replyKey, …)`. The client fills in the one and opens the other.
 */
import { type Address, bytesToHex, EnigmaError, type Hex, hexToBytes, ZERO_HASH } from '@enigma/protocol'
import { type Abi, type AbiFunction, type AbiParameter, getAbiItem } from 'viem'
import { type AbiType, type AbiValue, decodeValue, parametersOf } from './abi-value.ts'
import {
  type PlainCall,
  type PrivateArgs,
  type PrivateName,
  type PrivateResult,
  UnknownFunctionError,
} from './callable.ts'
import { createReplyKey, type ReplyKey } from './reply-key.ts'

/** A key pair, or the secret of one. */
export type ReplyKeySource = ReplyKey | { secretKey: Hex | Uint8Array }

/** Of an ABI that is known, none unless it is named; of any ABI, any. */
export type AnyResult<abi extends Abi> = Abi extends abi ? AbiType | undefined : undefined

/** Functions that keep to the convention. */
export type ReplyName<abi extends Abi> = PrivateName<abi> &
  (Abi extends abi ? string : Extract<abi[number], ReplyFunction>['name'])
type ReplyFunction = {
  type: 'function'
  name: string
  inputs: readonly [...AbiParameter[], { name: 'replyKey'; type: 'bytes32' }]
}

/** A call without its last argument. */
export type ReplyCall<abi extends Abi, name extends ReplyName<abi>, result extends AbiType> = {
  address: Address
  abi: abi
  functionName: name
  /** What `reply` holds: `'uint256'`, `'uint256 price, address winner'`; `true` for its bytes as they are. */
  privateResult: result
  /** Default: the account's own, from its wallet. */
  replyKeyPair?: ReplyKeySource | undefined
} & (readonly [] extends OpenArgs<abi, name> ? { args?: OpenArgs<abi, name> } : { args: OpenArgs<abi, name> })
type OpenArgs<abi extends Abi, name extends PrivateName<abi>> =
  PrivateArgs<abi, name> extends readonly [...infer head, unknown] ? Readonly<head> : readonly unknown[]

/** What `call` and `waitForResult` return. */
export type Outcome<abi extends Abi, name extends PrivateName<abi>, result> = result extends AbiType
  ? AbiValue<result>
  : PrivateResult<abi, name>

/** What a task carries along where its function has a private result. */
export type PrivateReply<result extends AbiType | undefined = AbiType | undefined> = {
  readonly privateResult?: result
  /** Left out in `waitForResult`: the account's own, from its wallet. */
  readonly replyKeyPair?: ReplyKeySource | undefined
}

/** Refuses a function without the convention's parameter or output, and a type that is none. */
export function requireConvention({ abi, functionName, args }: PlainCall, type: AbiType): void {
  if (type !== true) parametersOf(type)
  const item = getAbiItem({ abi, name: functionName, args: [...args, ZERO_HASH] }) as AbiFunction | undefined
  if (item?.type !== 'function') throw new UnknownFunctionError(functionName)
  const last = item.inputs.at(-1)
  if (last?.name !== 'replyKey' || last.type !== 'bytes32')
    throw new NoPrivateResultError(functionName, 'its last parameter is not `bytes32 replyKey`')
  if (replyIndex(item) < 0) throw new NoPrivateResultError(functionName, 'it has no output `bytes reply`')
}

/** Picks `reply` out of what the function returned. */
export function replyIn(abi: Abi, functionName: string, value: unknown): Hex {
  const item = getAbiItem({ abi, name: functionName }) as AbiFunction
  return (item.outputs.length === 1 ? value : (value as readonly unknown[])[replyIndex(item)]) as Hex
}

/**
 * Opens an answer that was sealed to a key, at any later time. It is bound to its task and network: keep `taskId` and the
 * dApp's address with it (or let the dApp announce them), and the network's description.
 */
export async function openPrivateResult<const type extends AbiType = true>({
  reply,
  keyPair,
  abiType,
  ...task
}: {
  reply: Hex | Uint8Array
  /** From `replyKeyPair`, of the same account and network; or the secret that was kept. */
  keyPair: ReplyKeySource
  taskId: Hex
  dApp: Address
  /** `networkHashOf(network)`. */
  networkHash: Hex
  /** As the private function encoded it. Left out: the bytes as they are. */
  abiType?: type | undefined
}): Promise<AbiValue<type>> {
  const key = await replyKeyOf(keyPair)
  const sealed = typeof reply === 'string' ? hexToBytes(reply) : reply
  const opened = await key.open(sealed, task).catch((cause: unknown) => {
    throw new ReplyNotOpenedError(task.taskId, cause)
  })
  const type = abiType ?? true
  if (type !== true) parametersOf(type)
  try {
    return decodeValue(type, bytesToHex(opened)) as AbiValue<type>
  } catch {
    // Without the cause: it quotes what was opened.
    throw new UndecodableReplyError(task.taskId, type)
  }
}

export async function replyKeyOf(source: ReplyKeySource): Promise<ReplyKey> {
  if ('open' in source) return source
  const { secretKey } = source
  return createReplyKey(typeof secretKey === 'string' ? secretKey : bytesToHex(secretKey))
}

function replyIndex({ outputs }: AbiFunction): number {
  return outputs.findIndex(({ name, type }) => name === 'reply' && type === 'bytes')
}

export class NoPrivateResultError extends EnigmaError {
  override readonly name = 'NoPrivateResultError'
  readonly code = 'NO_PRIVATE_RESULT'
  constructor(functionName: string, fault: string) {
    super(`${functionName} has no private result: ${fault}.`, {
      hint: 'Give it both, seal by `Private.sealTo(replyKey, abi.encode(…))`; or leave `privateResult` out.',
    })
  }
}

export class ReplyNotOpenedError extends EnigmaError {
  override readonly name = 'ReplyNotOpenedError'
  readonly code = 'REPLY_NOT_OPENED'
  constructor(taskId: Hex, cause: unknown) {
    super(`The answer of task ${taskId} does not open with this key.`, {
      hint: 'It was sealed to another key, or for another task, dApp or network; or the function sealed it otherwise.',
      cause,
    })
  }
}

export class UndecodableReplyError extends EnigmaError {
  override readonly name = 'UndecodableReplyError'
  readonly code = 'UNDECODABLE_REPLY'
  constructor(taskId: Hex, type: AbiType) {
    super(`The answer of task ${taskId} opened, but is no ABI encoding of (${type}).`, {
      hint: 'Compare with what the function seals; `true` gives the bytes as they are.',
    })
  }
}
