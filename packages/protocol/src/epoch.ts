/** The word of a started epoch: seed 176 | fallback 1 | paused 1 | T 20 | epoch 20 | price level 6 | revoked mask 32. */
import { bits, place, smallBits } from './word.ts'

export type Epoch = {
  seed: bigint
  /** Whether the Principal withheld its seed and a block hash took its place. */
  isFallback: boolean
  /** Whether no new task may name it. */
  isPaused: boolean
  /** Seats at the boundary block (T): the lottery draws among these. */
  seatCount: number
  /** The epoch's number: words stand in a ring, so a reader must see which lap this is. */
  number: number
  /** Prices are those at deployment times 2^((level - 32) / 4). */
  priceLevel: number
  /** Bit i: measurement i is revoked. */
  revokedMask: number
}

export function parseEpochWord(word: bigint): Epoch {
  return {
    seed: bits(word, 0, 176),
    isFallback: bits(word, 176, 1) === 1n,
    isPaused: bits(word, 177, 1) === 1n,
    seatCount: smallBits(word, 178, 20),
    number: smallBits(word, 198, 20),
    priceLevel: smallBits(word, 218, 6),
    revokedMask: smallBits(word, 224, 32),
  }
}

export function packEpochWord({
  seed,
  isFallback,
  isPaused,
  seatCount,
  number,
  priceLevel,
  revokedMask,
}: Epoch): bigint {
  return (
    place(seed, 0, 176, 'seed') |
    place(isFallback ? 1 : 0, 176, 1, 'isFallback') |
    place(isPaused ? 1 : 0, 177, 1, 'isPaused') |
    place(seatCount, 178, 20, 'seatCount') |
    place(number, 198, 20, 'epoch') |
    place(priceLevel, 218, 6, 'priceLevel') |
    place(revokedMask, 224, 32, 'revokedMask')
  )
}
