/**
 * The bytes in which many settlements travel, as libraries/Batch.sol reads them: no offsets, no padding, because calldata is the
 * dearest part of settling many. What is signed about them stands in receipt.ts.
 */
import { concatBytes, type Hex, hexToBytes, parseHex } from './bytes.ts'
import type { PackedTask } from './task.ts'
import { uint } from './word.ts'

/** More than this no Core signs at once. Far fewer fit into a transaction where callbacks may use much gas. */
export const MAX_BATCH_MEMBERS = 128

/** One task's settlement. Its code hash does not travel: the contract reads it from the chain. */
export type Member = {
  packed: Omit<PackedTask, 'codeHash'>
  /** By which rank the seat was drawn. Not signed: another one is another draw. */
  rank: number
  status: number
  output: Hex
}

/** ref 32 | target 32 | terms 32 | inputsHash 32 | rank 1 | status 1 | output's length 2 | output. */
export function packMember({ packed, rank, status, output }: Member): Uint8Array {
  const outputBytes = hexToBytes(output)
  return concatBytes(
    field(packed.ref, 32, 'ref'),
    field(packed.target, 32, 'target'),
    field(packed.terms, 32, 'terms'),
    hexToBytes(parseHex(packed.inputsHash, { bytes: 32, what: 'inputsHash' })),
    field(rank, 1, 'rank'),
    field(status, 1, 'status'),
    field(outputBytes.length, 2, "the output's length"),
    outputBytes,
  )
}

function field(value: bigint | number, bytes: number, what: string): Uint8Array {
  return hexToBytes(
    `0x${uint(value, 8 * bytes, what)
      .toString(16)
      .padStart(2 * bytes, '0')}`,
  )
}
