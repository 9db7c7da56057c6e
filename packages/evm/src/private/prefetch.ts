/**
 * Which slots does a dApp want to be asked for, whatever the inputs say?
 *
 * Who proves what a function reads sees where it reads. A dApp that declares whole ranges shows him these ranges always,
 * before the inputs are opened, and nothing of which part of them was used.
 *
 *   function enigmaPrefetch(bytes4 callable) view returns (PrefetchRange[] memory)
 *   struct PrefetchRange { address account; uint256 firstSlot; uint256 count; }
 */
import { abiUint, bytesToBigInt, concatBytes, equalBytes, type Hex } from '@enigma/protocol'
import type { Outcome } from './outcome.ts'
import type { StorageSlot } from './steps.ts'

const WORD = 32
const RANGE_BYTES = 3 * WORD
const SLOTS = 1n << 256n

type Range = { account: bigint; firstSlot: bigint; count: bigint }

/**
 * The slots of all ranges. A dApp that declares none, reverts, or answers what is no canonical encoding, has none. Null if
 * the counts together pass `most`.
 */
export function prefetchedSlots(outcome: Outcome, most: number): StorageSlot[] | null {
  const ranges = outcome.kind === 'returned' ? parseRanges(outcome.output, most) : []
  const total = ranges.reduce((sum, { count }) => sum + count, 0n)
  if (total > BigInt(most)) return null
  return ranges.flatMap(({ account, firstSlot, count }) =>
    Array.from({ length: Number(count) }, (_, i) => ({
      address: hex(account, 20),
      slot: hex(firstSlot + BigInt(i), 32),
    })),
  )
}

function parseRanges(output: Uint8Array, most: number): Range[] {
  const number = Math.floor((output.length - 2 * WORD) / RANGE_BYTES)
  if (number < 0 || number > most) return []
  const ranges = Array.from({ length: number }, (_, i) => {
    const [account, firstSlot, count] = [0, 1, 2].map((field) => wordAt(output, 2 + 3 * i + field))
    return { account, firstSlot, count } as Range
  })
  const isPossible = ranges.every((range) => range.account >> 160n === 0n && range.firstSlot + range.count <= SLOTS)
  return isPossible && equalBytes(output, encode(ranges)) ? ranges : []
}

/** As Solidity returns them. One comparison covers offset, length and what stands behind. */
function encode(ranges: readonly Range[]): Uint8Array {
  const fields = ranges.flatMap(({ account, firstSlot, count }) => [account, firstSlot, count])
  return concatBytes(...[BigInt(WORD), BigInt(ranges.length), ...fields].map((value) => abiUint(value).word))
}

function wordAt(bytes: Uint8Array, index: number): bigint {
  return bytesToBigInt(bytes.subarray(WORD * index, WORD * (index + 1)))
}

function hex(value: bigint, bytes: number): Hex {
  return `0x${value.toString(16).padStart(2 * bytes, '0')}`
}
