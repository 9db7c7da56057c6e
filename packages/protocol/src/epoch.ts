/** The word of a started epoch: seed 176 | fallback 1 | T 24 | epoch 23 | revoked mask 32. */
import { bits, place, smallBits } from './word.ts'

export type Epoch = {
  seed: bigint
  /** Whether the Principal withheld its seed and a block hash took its place. */
  isFallback: boolean
  /** Seats at the boundary block (T): the lottery draws among these. */
  seatCount: number
  /** The epoch's number: words stand in a ring, so a reader must see which lap this is. */
  number: number
  /** Bit i: measurement i is revoked. */
  revokedMask: number
}

export function parseEpochWord(word: bigint): Epoch {
  return {
    seed: bits(word, 0, 176),
    isFallback: bits(word, 176, 1) === 1n,
    seatCount: smallBits(word, 177, 24),
    number: smallBits(word, 201, 23),
    revokedMask: smallBits(word, 224, 32),
  }
}

export function packEpochWord({ seed, isFallback, seatCount, number, revokedMask }: Epoch): bigint {
  return (
    place(seed, 0, 176, 'seed') |
    place(isFallback ? 1 : 0, 176, 1, 'isFallback') |
    place(seatCount, 177, 24, 'seatCount') |
    place(number, 201, 23, 'epoch') |
    place(revokedMask, 224, 32, 'revokedMask')
  )
}
