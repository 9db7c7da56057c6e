/** Fields packed into one 256-bit word: how to cut them out, and how to put them in without one spilling into the next. */
import { EnigmaError } from './errors.ts'

export function bits(word: bigint, offset: number, width: number): bigint {
  return (word >> BigInt(offset)) & ((1n << BigInt(width)) - 1n)
}

/** For fields of at most 53 bits, which a number holds exactly. */
export function smallBits(word: bigint, offset: number, width: number): number {
  return Number(bits(word, offset, width))
}

/** `value`, moved to its place in a word. */
export function place(value: bigint | number | string, offset: number, width: number, what: string): bigint {
  return uint(value, width, what) << BigInt(offset)
}

/** Returns `value` as a bigint if it is a whole number of at most `width` bits. Takes hex for addresses and hashes. */
export function uint(value: bigint | number | string, width: number, what: string): bigint {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new FieldRangeError(what, width, value)
  const whole = BigInt(value)
  if (whole < 0n || whole >> BigInt(width) !== 0n) throw new FieldRangeError(what, width, value)
  return whole
}

/** Thrown when a number does not fit the field that it belongs in. */
export class FieldRangeError extends EnigmaError {
  override readonly name = 'Word.FieldRangeError'
  readonly code = 'OUT_OF_RANGE'
  constructor(what: string, width: number, found: bigint | number | string) {
    super(`${what} must be a whole number of at most ${width} bits, but is ${found}.`, {
      hint: 'Values this large exist in no valid task, seat or epoch: check the caller.',
    })
  }
}
