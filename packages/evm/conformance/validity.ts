/** Whether a block may hold a transaction at all. One that it may not hold changes nothing. */
import type { World } from '../src/testing/engine.ts'
import type { Block } from '../src/types.ts'
import { isDelegation } from './authorizations.ts'
import { floorGas, intrinsicGas } from './intrinsic.ts'
import type { Rules } from './rules.ts'
import type { Authorization, Transaction } from './transaction.ts'

const GAS_PER_BLOB = 1n << 17n
const MAX_INIT_CODE_BYTES = 49_152
const MAX_NONCE = (1n << 64n) - 1n

/** Returns why `transaction` is refused, or nothing. */
export function refusal(
  transaction: Transaction,
  { world, block, rules, chainId }: { world: World; block: Block; rules: Rules; chainId: bigint },
): string | undefined {
  return (
    refusedByForm(transaction, rules, chainId) ??
    refusedByGas(transaction, block, rules) ??
    refusedByFees(transaction, block) ??
    refusedBySender(transaction, world)
  )
}

/** What all blobs of a transaction weigh. */
export function blobGas({ blobs }: Transaction): bigint {
  return GAS_PER_BLOB * BigInt(blobs?.hashes.length ?? 0)
}

function refusedByForm(transaction: Transaction, rules: Rules, chainId: bigint): string | undefined {
  const { to, data, blobs, authorizations } = transaction
  if (transaction.chainId !== undefined && transaction.chainId !== chainId) return 'it is for another chain'
  if (to === null && data.length > MAX_INIT_CODE_BYTES) return 'its init code is too long'
  if (blobs) {
    if (to === null) return 'a blob transaction cannot create'
    if (blobs.hashes.length === 0) return 'a blob transaction without blobs'
    if (blobs.hashes.length > rules.maxBlobs) return 'too many blobs'
    if (blobs.hashes.some((hash) => !hash.startsWith('0x01'))) return 'a blob hash of an unknown version'
  }
  if (authorizations) {
    if (!rules.hasAuthorizations) return 'this fork has no authorizations'
    if (to === null) return 'an authorizing transaction cannot create'
    if (authorizations.length === 0) return 'an authorizing transaction without authorizations'
    if (authorizations.some((tuple) => !fitsItsFields(tuple))) return 'an authorization outside its fields'
  }
  return undefined
}

function fitsItsFields({ chainId, nonce, yParity, r, s }: Authorization): boolean {
  const isWord = (value: bigint) => value < 1n << 256n
  return isWord(chainId) && nonce <= MAX_NONCE && yParity < 256n && isWord(r) && isWord(s)
}

function refusedByGas(transaction: Transaction, block: Block, rules: Rules): string | undefined {
  const { gasLimit } = transaction
  if (gasLimit > block.gasLimit) return 'the block has not so much gas'
  if (rules.transactionGasCap !== undefined && gasLimit > rules.transactionGasCap) return 'more gas than one may have'
  if (gasLimit < intrinsicGas(transaction)) return 'its gas is below the intrinsic'
  if (gasLimit < floorGas(transaction, rules)) return 'its gas is below the floor'
  return undefined
}

function refusedByFees({ maxFeeWei, maxPriorityFeeWei, blobs }: Transaction, block: Block): string | undefined {
  if (maxPriorityFeeWei > maxFeeWei) return 'its priority fee is above its fee'
  if (maxFeeWei < block.baseFeePerGas) return 'its fee is below the base fee'
  if (blobs && blobs.maxFeeWei < block.blobBaseFee) return 'its blob fee is below the base fee'
  return undefined
}

function refusedBySender(transaction: Transaction, world: World): string | undefined {
  const { sender, nonce, gasLimit, maxFeeWei, valueWei, blobs } = transaction
  const account = world.get(sender)
  if (nonce !== (account?.nonce ?? 0n)) return 'it is not the next of its sender'
  if (nonce >= MAX_NONCE) return 'its sender has no nonce left'
  if (account && account.code.length > 0 && !isDelegation(account.code)) return 'its sender is a contract'
  const mostWei = gasLimit * maxFeeWei + valueWei + blobGas(transaction) * (blobs?.maxFeeWei ?? 0n)
  return mostWei > (account?.balanceWei ?? 0n) ? 'its sender cannot pay' : undefined
}
