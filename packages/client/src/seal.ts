/**
 * Data at rest: a value sealed to a contract, for its private functions to open on any later day.
 *
 * It opens for this contract in this code alone, as this owner's, under this label. Whoever may trigger which computation
 * on it is decided by the contract.
 */
import {
  type Address,
  bytesToHex,
  type Domain,
  dataContext,
  EnigmaError,
  type Hex,
  hexToBytes,
  LIMITS,
  sealData,
} from '@enigma/protocol'
import { stringToHex } from 'viem'
import { type AbiType, AbiTypeError, type AbiValue, encodeValue } from './abi-value.ts'
import type { ContractKey } from './contract-keys.ts'
import { lower } from './enigma-contract.ts'

export type SealOptions<type extends AbiType = AbiType> = {
  contract: Address
  /** Whose data it is, by the contract's books: who sends the transaction that stores it. Default: the account. */
  owner?: Address | undefined
  /** 32 bytes, or a text of at most 32, which becomes what Solidity makes of `bytes32("…")`. */
  label: Hex | string
  /** As `abi.decode(opened, (…))` names it; `true` where the value is the bytes themselves, as hex. */
  abiType: type
  value: AbiValue<type>
  /** Refuse other code than this. */
  codeHash?: Hex | undefined
  /** Ask for the contract's key where nobody has: a transaction of the account, and a wait. */
  requestKey?: boolean | undefined
}

/** What a dApp takes of data at rest, `EnigmaDapp._storeSealed`, and what opens in private. */
const MOST_BYTES = LIMITS.outputBytes

/** Value and label as they are sealed; refuses what does not fit, before anybody is asked for a key. */
export function encodeSealed({ abiType, value, label }: Pick<SealOptions, 'abiType' | 'value' | 'label'>) {
  try {
    return { message: hexToBytes(encodeValue(abiType, value)), label: labelOf(label) }
  } catch (error) {
    if (error instanceof AbiTypeError || error instanceof LabelError) throw error
    throw new SealedValueError(error)
  }
}

export async function sealFor(
  { dApp, codeHash, publicKey: recipient }: ContractKey,
  domain: Domain,
  owner: Address,
  { message, label }: ReturnType<typeof encodeSealed>,
): Promise<Hex> {
  const context = dataContext({ ...domain, dApp, codeHash, owner: lower(owner), label })
  if (message.length > MOST_BYTES) throw new DataTooLongError(message.length)
  const envelope = await sealData({ recipient, context, message })
  if (envelope.length > MOST_BYTES) throw new DataTooLongError(message.length)
  return bytesToHex(envelope)
}

function labelOf(label: string): Hex {
  if (/^0x[\da-f]{64}$/i.test(label)) return lower(label)
  // Hex of another length was meant as bytes, and is not the text that it would become.
  if (label.startsWith('0x') || new TextEncoder().encode(label).length > 32) throw new LabelError(label)
  return stringToHex(label, { size: 32 })
}

export class LabelError extends EnigmaError {
  override readonly name = 'LabelError'
  readonly code = 'LABEL'
  constructor(label: string) {
    super(`"${label}" is no label.`, { hint: 'Give 32 bytes as hex, or a text of at most 32 bytes.' })
  }
}

export class SealedValueError extends EnigmaError {
  override readonly name = 'SealedValueError'
  readonly code = 'SEALED_VALUE'
  constructor(cause: unknown) {
    // The cause may quote the value, and that is what nobody else is to see.
    super(`The value does not fit its ABI type: ${cause instanceof Error ? cause.name : 'unknown reason'}.`, {
      hint: 'Compare it with `abiType`; several parameters take a list.',
    })
  }
}

export class DataTooLongError extends EnigmaError {
  override readonly name = 'DataTooLongError'
  readonly code = 'DATA_TOO_LONG'
  constructor(length: number) {
    super(`The value takes ${length} bytes; sealed data has at most ${MOST_BYTES}, its envelope included.`, {
      hint: 'Seal it in several parts, under labels of their own.',
    })
  }
}
