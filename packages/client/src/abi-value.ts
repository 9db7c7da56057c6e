/** Values of ABI types that are named in text, as `parseAbiParameters` of viem takes it: what is sealed, and what comes back. */
import { EnigmaError, type Hex } from '@enigma/protocol'
import {
  type AbiParameter,
  type AbiParameterToPrimitiveType,
  decodeAbiParameters,
  encodeAbiParameters,
  type ParseAbiParameters,
  parseAbiParameters,
} from 'viem'

/** `'uint256'`, `'uint256 price, address winner'`; `true` for bytes that are no ABI encoding, as hex. */
export type AbiType = string | true

/** One parameter is its value, several are a list. */
export type AbiValue<type extends AbiType> = type extends true
  ? Hex
  : type extends string
    ? string extends type
      ? unknown
      : ParseAbiParameters<type> extends infer parameters extends readonly AbiParameter[]
        ? Unwrapped<parameters>
        : never
    : never

type Unwrapped<parameters extends readonly AbiParameter[]> = parameters extends readonly [infer only]
  ? Primitive<only>
  : { readonly [index in keyof parameters]: Primitive<parameters[index]> }
type Primitive<parameter> = parameter extends AbiParameter ? AbiParameterToPrimitiveType<parameter> : never

/** Throws an `AbiTypeError` where it is none, and whatever viem throws where the value does not fit: that quotes it. */
export function encodeValue(type: AbiType, value: unknown): Hex {
  if (type === true) return value as Hex
  const parameters = parametersOf(type)
  return encodeAbiParameters(parameters, (parameters.length === 1 ? [value] : value) as readonly unknown[])
}

export function decodeValue(type: AbiType, data: Hex): unknown {
  if (type === true) return data
  const values = decodeAbiParameters(parametersOf(type), data) as readonly unknown[]
  return values.length === 1 ? values[0] : values
}

/** Refuses a type that is none, before anything is done for it. */
export function parametersOf(type: string): readonly AbiParameter[] {
  try {
    return parseAbiParameters(type) as readonly AbiParameter[]
  } catch (cause) {
    throw new AbiTypeError(type, cause)
  }
}

export class AbiTypeError extends EnigmaError {
  override readonly name = 'AbiTypeError'
  readonly code = 'ABI_TYPE'
  constructor(type: string, cause: unknown) {
    super(`"${type}" is no list of ABI parameters.`, {
      hint: "Write 'uint256', or 'uint256 price, address to'.",
      cause,
    })
  }
}
