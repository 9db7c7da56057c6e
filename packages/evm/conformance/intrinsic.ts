/** What a transaction pays before its first opcode, and the least that it pays in all. */
import type { Rules } from './rules.ts'
import type { Transaction } from './transaction.ts'

const TRANSACTION_GAS = 21_000n
const CREATION_GAS = 32_000n
const INIT_CODE_WORD_GAS = 2n
const ACCESSED_ADDRESS_GAS = 2_400n
const ACCESSED_SLOT_GAS = 1_900n
/** EIP-7702: each tuple is charged as if its account had to be created. */
export const AUTHORIZATION_GAS = 25_000n

export function intrinsicGas({ data, to, accessList, authorizations = [] }: Transaction): bigint {
  const slots = accessList.reduce((sum, entry) => sum + entry.slots.length, 0)
  return (
    TRANSACTION_GAS +
    tokens(data) * 4n +
    (to === null ? CREATION_GAS + INIT_CODE_WORD_GAS * BigInt(Math.ceil(data.length / 32)) : 0n) +
    ACCESSED_ADDRESS_GAS * BigInt(accessList.length) +
    ACCESSED_SLOT_GAS * BigInt(slots) +
    AUTHORIZATION_GAS * BigInt(authorizations.length)
  )
}

/** EIP-7623. Nothing before Prague. */
export function floorGas({ data }: Transaction, { floorPerTokenGas }: Rules): bigint {
  return floorPerTokenGas === 0n ? 0n : TRANSACTION_GAS + tokens(data) * floorPerTokenGas
}

/** A byte that is not zero weighs four. */
function tokens(data: Uint8Array): bigint {
  return BigInt(data.reduce((sum, byte) => sum + (byte === 0 ? 1 : 4), 0))
}
