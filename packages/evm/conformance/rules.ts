/** What a transaction may do and what it costs before any code runs, fork by fork. */
import type { Address } from '@enigma/protocol'
import type { Fork } from '../src/types.ts'

export type Rules = {
  fork: Fork
  /** EIP-7702. */
  hasAuthorizations: boolean
  /** EIP-7623: the least that calldata costs, for a token. */
  floorPerTokenGas: bigint
  /** EIP-7825. */
  transactionGasCap?: bigint
  maxBlobs: number
  blobUpdateFraction: bigint
  /** The last of the precompiles that stand in a row from 0x01 on, and those that stand alone. */
  precompiles: readonly Address[]
}

/** As a fixture's `config.blobSchedule` may have it, fork by fork. */
export type BlobSchedule = { maxBlobs: number; updateFraction: bigint }

/** EIP-7594: in one transaction, however many a block takes. */
const OSAKA_TRANSACTION_BLOBS = 6

const FORKS: Record<string, Fork> = { Cancun: 'cancun', Prague: 'prague', Osaka: 'osaka' }

/** The rules of a fork as fixtures name it, or nothing where we do not know it. */
export function rulesOf(name: string, schedule?: BlobSchedule): Rules | undefined {
  const fork = FORKS[name]
  if (fork === undefined) return undefined
  const isCancun = fork === 'cancun'
  const { maxBlobs, updateFraction } = schedule ?? {
    maxBlobs: isCancun ? 6 : 9,
    updateFraction: isCancun ? 3_338_477n : 5_007_716n,
  }
  return {
    fork,
    hasAuthorizations: !isCancun,
    floorPerTokenGas: isCancun ? 0n : 10n,
    ...(fork === 'osaka' ? { transactionGasCap: 1n << 24n } : {}),
    maxBlobs: fork === 'osaka' ? Math.min(maxBlobs, OSAKA_TRANSACTION_BLOBS) : maxBlobs,
    blobUpdateFraction: updateFraction,
    precompiles: [...inRow(isCancun ? 0x0a : 0x11), ...(fork === 'osaka' ? [precompile(0x100)] : [])],
  }
}

/** EIP-4844: e to the power of excess / fraction, in whole numbers. */
export function blobBaseFee(excessBlobGas: bigint, updateFraction: bigint): bigint {
  let sum = 0n
  let term = updateFraction
  for (let i = 1n; term > 0n; i++) {
    sum += term
    term = (term * excessBlobGas) / (updateFraction * i)
  }
  return sum / updateFraction
}

function inRow(last: number): Address[] {
  return Array.from({ length: last }, (_, i) => precompile(i + 1))
}

function precompile(number: number): Address {
  return `0x${number.toString(16).padStart(40, '0')}`
}
