/** A private function of a dApp: found in its ABI, its arguments encoded, its result decoded. */
import { type Address, EnigmaError, type Hex, hexToBytes, LIMITS } from '@enigma/protocol'
import {
  type Abi,
  type AbiFunction,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  decodeFunctionResult,
  encodeAbiParameters,
  getAbiItem,
  toFunctionSelector,
} from 'viem'

/** What private code may be: it reads, and writes nothing. */
export type PrivateMutability = 'pure' | 'view'
export type PrivateName<abi extends Abi> = ContractFunctionName<abi, PrivateMutability>
export type PrivateArgs<abi extends Abi, name extends PrivateName<abi>> = ContractFunctionArgs<
  abi,
  PrivateMutability,
  name
>
export type PrivateResult<abi extends Abi, name extends PrivateName<abi>> = ContractFunctionReturnType<
  abi,
  PrivateMutability,
  name
>

/** A call, when its types have done their work. */
export type PlainCall = { address: Address; abi: Abi; functionName: string; args: readonly unknown[] }

/** A call, ready to be sealed. */
export type Callable = { selector: Hex; args: Uint8Array; outputs: AbiFunction['outputs'] }

/** Finds the function and encodes its arguments, or says why that can't be done. */
export function encodeCallable({ abi, functionName, args }: PlainCall): Callable {
  const item = getAbiItem({ abi, name: functionName, args }) as AbiFunction | undefined
  if (item?.type !== 'function') throw new UnknownFunctionError(functionName)
  if (item.stateMutability !== 'view' && item.stateMutability !== 'pure')
    throw new NotPrivateError(functionName, item.stateMutability)
  let encoded: Uint8Array
  try {
    // The last item of `args` may be omitted only where there are none: viem checks the count.
    encoded = hexToBytes(encodeAbiParameters(item.inputs, args))
  } catch (cause) {
    throw new ArgumentsError(functionName, cause)
  }
  if (encoded.length > LIMITS.inputBytes) throw new InputsTooLongError(encoded.length)
  return { selector: toFunctionSelector(item), args: encoded, outputs: item.outputs }
}

/** The typed value behind the bytes that the worker returned. */
export function decodeOutput({ abi, functionName }: Pick<PlainCall, 'abi' | 'functionName'>, output: Hex): unknown {
  try {
    return decodeFunctionResult({ abi, functionName, data: output })
  } catch (cause) {
    throw new UndecodableOutputError(functionName, output, cause)
  }
}

/** Not in the ABI: nothing can be sent to it. */
export class UnknownFunctionError extends EnigmaError {
  override readonly name = 'UnknownFunctionError'
  readonly code = 'UNKNOWN_FUNCTION'
  constructor(functionName: string) {
    super(`The ABI has no function ${functionName}.`, { hint: "Use the dApp's own ABI, generated from its source." })
  }
}

/** It changes state, and private code cannot. */
export class NotPrivateError extends EnigmaError {
  override readonly name = 'NotPrivateError'
  readonly code = 'NOT_PRIVATE'
  constructor(functionName: string, mutability: string) {
    super(`${functionName} is ${mutability}; only view and pure functions run in private.`, {
      hint: 'Compute in a view function and store its result in the callback.',
    })
  }
}

export class ArgumentsError extends EnigmaError {
  override readonly name = 'ArgumentsError'
  readonly code = 'ARGUMENTS'
  constructor(functionName: string, cause: unknown) {
    // The cause may quote an argument, and arguments are what nobody else is to see.
    super(`These arguments do not fit ${functionName}: ${cause instanceof Error ? cause.name : 'unknown reason'}.`, {
      hint: 'Compare number and types of the arguments with the ABI.',
    })
  }
}

export class InputsTooLongError extends EnigmaError {
  override readonly name = 'InputsTooLongError'
  readonly code = 'INPUTS_TOO_LONG'
  constructor(length: number) {
    super(`The inputs take ${length} bytes; a task carries at most ${LIMITS.inputBytes}.`, {
      hint: 'Send less, or in several tasks.',
    })
  }
}

/** The result does not fit the ABI. */
export class UndecodableOutputError extends EnigmaError {
  override readonly name = 'UndecodableOutputError'
  readonly code = 'UNDECODABLE_OUTPUT'
  readonly output: Hex
  constructor(functionName: string, output: Hex, cause: unknown) {
    super(`The result of ${functionName} does not fit its return types.`, {
      hint: 'The ABI belongs to other code than the dApp runs: pin its codeHash.',
      cause,
    })
    this.output = output
  }
}
