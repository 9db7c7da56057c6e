/**
 * RLP, read strictly (Yellow Paper, appendix B): every value has one encoding, and no other is taken.
 *
 * A second encoding of the same value would give two proofs of one fact; one that reads past its end, a fact of nothing.
 */
import { ProofError } from './proof-error.ts'

/** Where an item's payload lies in the bytes it was read from. */
export type RlpItem = { start: number; end: number; isList: boolean }

/** The items of the one list that `bytes` are from `start` to `end`. */
export function readList(bytes: Uint8Array, start = 0, end = bytes.length): RlpItem[] {
  const list = readItem(bytes, start, end)
  if (!list.isList || list.end !== end) throw new ProofError('RLP_MALFORMED')
  const items: RlpItem[] = []
  for (let at = list.start; at < end; ) {
    const item = readItem(bytes, at, end)
    items.push(item)
    at = item.end
  }
  return items
}

/** The one string that `bytes` are. */
export function readString(bytes: Uint8Array): Uint8Array {
  const { start, end, isList } = readItem(bytes, 0, bytes.length)
  if (isList || end !== bytes.length) throw new ProofError('RLP_MALFORMED')
  return bytes.subarray(start, end)
}

function readItem(bytes: Uint8Array, at: number, end: number): RlpItem {
  const first = byteAt(bytes, at, end)
  if (first < 0x80) return { start: at, end: at + 1, isList: false }
  const isList = first >= 0xc0
  const short = first - (isList ? 0xc0 : 0x80)
  const start = at + 1
  if (short > 55) return readLong(bytes, start, end, short - 55, isList)
  if (start + short > end) throw new ProofError('RLP_MALFORMED')
  // A byte below 0x80 stands for itself.
  if (!isList && short === 1 && byteAt(bytes, start, end) < 0x80) throw new ProofError('RLP_MALFORMED')
  return { start, end: start + short, isList }
}

/** Nothing that is read here is longer than 2^16 bytes. */
function readLong(bytes: Uint8Array, at: number, end: number, size: number, isList: boolean): RlpItem {
  if (size > 2) throw new ProofError('RLP_MALFORMED')
  const high = byteAt(bytes, at, end)
  const length = size === 1 ? high : (high << 8) | byteAt(bytes, at + 1, end)
  const start = at + size
  if (high === 0 || length < 56 || start + length > end) throw new ProofError('RLP_MALFORMED')
  return { start, end: start + length, isList }
}

function byteAt(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) throw new ProofError('RLP_MALFORMED')
  return bytes[at] as number
}
