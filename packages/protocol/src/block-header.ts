/**
 * The timestamp in a block's header, RLP as it is hashed (Ethereum's Yellow Paper, §4.4.3 and appendix B).
 *
 * Only fields up to the timestamp are read: networks and forks differ in those after it. `BlockHeader.sol` reads the same.
 */
import { bytesToBigInt } from './bytes.ts'
import { EnigmaError } from './errors.ts'

/** parentHash, ommersHash, beneficiary, three roots, logsBloom, difficulty, number, gasLimit, gasUsed. */
const FIELDS_BEFORE_TIMESTAMP = 11
/** Enough until the year 36,812. */
const MOST_TIMESTAMP_BYTES = 5
/** Before the list's content: its kind, and its length in two bytes. The bloom filter alone has 256 bytes. */
const LIST_HEAD_BYTES = 3

/** In seconds of Unix time. Whether `header` is the right one, its hash says. Throws a `MalformedHeaderError`. */
export function timestampOf(header: Uint8Array): number {
  const length = ((header[1] ?? 0) << 8) | (header[2] ?? 0)
  const isList = header[0] === 0xf9 && header[1] !== 0 && header.length === LIST_HEAD_BYTES + length
  if (!isList) throw new MalformedHeaderError(0)
  let offset = LIST_HEAD_BYTES
  for (let i = 0; i < FIELDS_BEFORE_TIMESTAMP; i++) offset = stringAt(header, offset).end
  const { start, end } = stringAt(header, offset)
  // Scalars have no leading zeros.
  if (end - start > MOST_TIMESTAMP_BYTES || (end > start && header[start] === 0)) throw new MalformedHeaderError(offset)
  return Number(bytesToBigInt(header.subarray(start, end)))
}

/** Where the content of the string at `offset` starts and ends; each has one encoding, and no other is taken. */
function stringAt(bytes: Uint8Array, offset: number): { start: number; end: number } {
  const [first = 0xff, second = 0, third = 0] = bytes.subarray(offset, offset + 3)
  if (first < 0x80) return { start: offset, end: offset + 1 }
  // No field of a header needs more than two bytes for its length.
  if (first > 0xb9) throw new MalformedHeaderError(offset)
  const lengthBytes = Math.max(first - 0xb7, 0)
  const length = [first - 0x80, second, (second << 8) | third][lengthBytes] as number
  const isShortest = [first !== 0x81 || second >= 0x80, length > 55, length > 255][lengthBytes]
  const start = offset + 1 + lengthBytes
  const end = start + length
  if (end > bytes.length || !isShortest) throw new MalformedHeaderError(offset)
  return { start, end }
}

export class MalformedHeaderError extends EnigmaError {
  override readonly name = 'BlockHeader.MalformedHeaderError'
  readonly code = 'MALFORMED_HEADER'
  constructor(offset: number) {
    super(`This is no block header: at byte ${offset} stands something else than a header's RLP.`, {
      hint: 'A header is what hashes to its block’s hash: the fields in order, each a string, in one list.',
    })
  }
}
