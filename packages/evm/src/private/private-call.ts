/**
 * What does private code ask of the enclave it runs in? Calls to reserved addresses, priced and read strictly.
 *
 * Everybody must read a call alike, so there is one encoding of each: `abi.encode` of its arguments, without a selector.
 * Data rests with one dApp alone: only while every frame on the call stack runs as the dApp does the enclave hear it (S26).
 */
import {
  type Address,
  abiAddress,
  abiBytes,
  abiEncode,
  abiFixedBytes,
  bytesToBigInt,
  bytesToHex,
  concatBytes,
  equalBytes,
  type Hex,
  hexToBytes,
  label,
  MalformedAbiError,
  PRIVATE_CALLS,
  type PrivateCallName,
  parseBytes32AndBytes,
} from '@enigma/protocol'
import type { Asked, AskedEnding } from '../step.ts'

export type PrivateCall =
  | { name: 'open' | 'seal'; bytes: Uint8Array; owner: Address; label: Hex }
  | { name: 'sealTo'; bytes: Uint8Array; publicKey: Hex }
  | { name: 'random' }

/** A call that was heard, and what its frame has left of the gas that it brought. */
export type HeardCall = { call: PrivateCall; gasLeft: bigint }

/** The errors of Private.sol that the enclave answers with. */
export type PrivateRefusal = 'ForeignFrame' | 'DoesNotOpen' | 'NoGeneration' | 'BadCall'

/** Of a plaintext or an envelope. */
export const MOST_PRIVATE_BYTES = 8_192
/** HPKE takes longer than any opcode: about as long as twenty thousand gas of hashing. */
const SEALING_GAS = 20_000n
const SEALING_WORD_GAS = 12n
const RANDOM_GAS = 1_000n
const WORD = 32
/** Of calldata, before the bytes themselves. */
const HEAD_WORDS = { open: 4, seal: 4, sealTo: 3, random: 0 } as const

const NAMES = new Map(Object.entries(PRIVATE_CALLS).map(([name, address]) => [address, name as PrivateCallName]))

export function isPrivateCall(address: Address): boolean {
  return NAMES.has(address)
}

/**
 * Whether code names one of the addresses, as what the library is compiled into does: whoever runs it can have the keys ready,
 * so that nobody sees by a question for them whether the inputs lead to a private call.
 */
export function mentionsPrivateCalls(code: Uint8Array): boolean {
  const hex = bytesToHex(code)
  return [...NAMES.keys()].some((address) => hex.includes(address.slice(2)))
}

/** The call, or how it ends unheard. */
export function hear({ address, input, gas, isOwn }: Asked): HeardCall | AskedEnding {
  const name = NAMES.get(address) as PrivateCallName
  const gasLeft = gas - priceOf(name, input)
  if (gasLeft < 0n) return { kind: 'halted', halt: 'outOfGas' }
  if (!isOwn) return refuse('ForeignFrame', gasLeft)
  const call = parse(name, input)
  return call ? { call, gasLeft } : refuse('BadCall', gasLeft)
}

export function answerBytes(bytes: Uint8Array, gasLeft: bigint): AskedEnding {
  return { kind: 'returned', output: abiEncode(abiBytes(bytes)), gasLeft }
}

export function answerWord(word: Hex, gasLeft: bigint): AskedEnding {
  return { kind: 'returned', output: hexToBytes(word), gasLeft }
}

export function refuse(error: PrivateRefusal, gasLeft: bigint): AskedEnding {
  return { kind: 'reverted', output: selector(`${error}()`), gasLeft }
}

export function refuseKey(publicKey: Hex, gasLeft: bigint): AskedEnding {
  const output = concatBytes(selector('InvalidPublicKey(bytes32)'), hexToBytes(publicKey))
  return { kind: 'reverted', output, gasLeft }
}

function priceOf(name: PrivateCallName, input: Uint8Array): bigint {
  if (name === 'random') return RANDOM_GAS
  return SEALING_GAS + SEALING_WORD_GAS * BigInt(Math.ceil(input.length / WORD))
}

/** Undefined where the bytes are not the one encoding, or too many. */
function parse(name: PrivateCallName, input: Uint8Array): PrivateCall | undefined {
  if (input.length > HEAD_WORDS[name] * WORD + MOST_PRIVATE_BYTES) return
  if (name === 'random') return input.length === 0 ? { name } : undefined
  if (name === 'sealTo') return parseSealTo(input)
  if (input.length < 4 * WORD) return
  const length = Number(bytesToBigInt(input.subarray(3 * WORD, 4 * WORD)))
  const bytes = input.slice(4 * WORD, 4 * WORD + length)
  const owner: Address = `0x${bytesToHex(input.subarray(WORD + 12, 2 * WORD)).slice(2)}`
  const name32 = bytesToHex(input.subarray(2 * WORD, 3 * WORD))
  const encoding = abiEncode(abiBytes(bytes), abiAddress(owner), abiFixedBytes(name32))
  return equalBytes(input, encoding) ? { name, bytes, owner, label: name32 } : undefined
}

function parseSealTo(input: Uint8Array): PrivateCall | undefined {
  try {
    const { first: publicKey, second: bytes } = parseBytes32AndBytes(input)
    return { name: 'sealTo', bytes, publicKey }
  } catch (error) {
    if (error instanceof MalformedAbiError) return
    throw error
  }
}

function selector(signature: string): Uint8Array {
  return hexToBytes(label(signature)).slice(0, 4)
}
