/**
 * A block header out of its bytes, whose hash is the block's.
 *
 * The fields of London (EIP-1559) are always there; Shanghai, Cancun and Prague each added some at the end, and nothing may
 * follow that is not known here: a rule that comes with a new field would be missing too.
 */
import { type Address, bytesToBigInt, bytesToHex, type Hex } from '@enigma/protocol'
import { keccak256 } from '../keccak.ts'
import { ProofError } from './proof-error.ts'
import { readList } from './rlp.ts'

export type Header = {
  hash: Hex
  parentHash: Hex
  number: bigint
  /** Root of the state at the end of the block. */
  stateRoot: Hex
  /** Unix seconds. */
  timestamp: bigint
  gasLimit: bigint
  coinbase: Address
  prevRandao: Hex
  baseFeePerGas: bigint
  /** Since Cancun (EIP-4844). */
  excessBlobGas: bigint | undefined
}

/** The extra data of some L2s is longer than Ethereum's 32 bytes. */
const MAX_HEADER_BYTES = 2_048
/** London, Shanghai, Cancun, Prague. */
const FIELD_COUNTS = [16, 17, 20, 21]
type Kind = number | 'integer' | 'word' | 'bytes'
/** Lengths of the fields in their order; `integer` is at most 8 bytes, `word` at most 32. */
const FIELDS: readonly Kind[] = [
  ...[32, 32, 20, 32, 32, 32, 256], // parent, uncles, coinbase, state, transactions, receipts, bloom
  ...(['integer', 'integer', 'integer', 'integer', 'integer'] as const), // difficulty, number, gas limit, gas used, time
  ...(['bytes', 32, 8, 'word'] as const), // extra data, prevRandao, nonce, base fee
  32, // withdrawals
  ...(['integer', 'integer', 32] as const), // blob gas used, excess blob gas, parent beacon root
  32, // requests
]

/** Throws ProofError where `rlp` is not exactly one header. */
export function decodeHeader(rlp: Uint8Array): Header {
  if (rlp.length > MAX_HEADER_BYTES) throw new ProofError('HEADER_MALFORMED')
  const items = readList(rlp)
  if (!FIELD_COUNTS.includes(items.length)) throw new ProofError('HEADER_MALFORMED')
  const fields = items.map(({ start, end, isList }, i) => {
    const field = rlp.subarray(start, end)
    if (isList || !fits(field, FIELDS[i] as Kind)) throw new ProofError('HEADER_MALFORMED')
    return field
  })
  const hex = (i: number): Hex => bytesToHex(fields[i] as Uint8Array)
  const integer = (i: number): bigint => bytesToBigInt(fields[i] as Uint8Array)
  return {
    hash: bytesToHex(keccak256(rlp)),
    parentHash: hex(0),
    coinbase: hex(2),
    stateRoot: hex(3),
    number: integer(8),
    gasLimit: integer(9),
    timestamp: integer(11),
    prevRandao: hex(13),
    baseFeePerGas: integer(15),
    excessBlobGas: fields.length > 18 ? integer(18) : undefined,
  }
}

function fits(field: Uint8Array, kind: Kind): boolean {
  if (kind === 'bytes') return true
  if (typeof kind === 'number') return field.length === kind
  return field.length <= (kind === 'word' ? 32 : 8) && field[0] !== 0
}
