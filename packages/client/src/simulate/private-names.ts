/** Private calls by their names: they have no selector, and no ABI of a dApp's lists them. */
import { type Address, type Hex, PRIVATE_CALLS, type PrivateCallName } from '@enigma/protocol'
import { type AbiFunction, decodeAbiParameters, parseAbi } from 'viem'

const FUNCTIONS: readonly AbiFunction[] = parseAbi([
  'function open(bytes data, address owner, bytes32 label) view returns (bytes)',
  'function seal(bytes plaintext, address owner, bytes32 label) view returns (bytes)',
  'function sealTo(bytes32 publicKey, bytes plaintext) view returns (bytes)',
  'function random() view returns (bytes32)',
])

const BY_ADDRESS = new Map(FUNCTIONS.map((item) => [PRIVATE_CALLS[item.name as PrivateCallName], item]))

export function isPrivateCall(to: Address): boolean {
  return BY_ADDRESS.has(to)
}

/** Without arguments where they are malformed. */
export function namePrivateCall(to: Address, input: Hex): { functionName: string; args: readonly unknown[] } {
  const { name: functionName, inputs } = BY_ADDRESS.get(to) as AbiFunction
  try {
    return { functionName, args: inputs.length === 0 ? [] : decodeAbiParameters(inputs, input) }
  } catch {
    return { functionName, args: [] }
  }
}

/** Throws where there is none: nobody answers what a dApp asks outside of its private function. */
export function privateResult(to: Address, output: Hex): unknown {
  const { outputs } = BY_ADDRESS.get(to) as AbiFunction
  return decodeAbiParameters(outputs, output)[0]
}
