/** The caps that every part of the network holds a task to, and the few numbers that all of them share. */
import { EnigmaError } from './errors.ts'

export const LIMITS = {
  /** Gas for the dApp's callback. */
  callbackGas: 8_000_000,
  /** Bytes of ABI-encoded output. */
  outputBytes: 8192,
  /** Bytes of an input envelope. */
  inputBytes: 16_384,
  /** Storage slots that one private computation may read. */
  reads: 1024,
  gasClass: 12,
} as const

/** How many workers a task is sealed to and may be settled by, one after the other. */
export const RANKS = 3

/** Draws after which the lottery gives up looking for live seats. */
export const MAX_DRAWS = 64

/** Gas of a private computation. In powers of two, so that a finely chosen limit tells nothing about the inputs. */
export function gasLimitOf(gasClass: number): bigint {
  if (!Number.isInteger(gasClass) || gasClass < 0 || gasClass > LIMITS.gasClass) throw new GasClassError(gasClass)
  return 1n << BigInt(16 + gasClass)
}

export class GasClassError extends EnigmaError {
  override readonly name = 'Limits.GasClassError'
  readonly code = 'INVALID_GAS_CLASS'
  constructor(found: number) {
    super(`A gas class is a whole number from 0 to ${LIMITS.gasClass}, not ${found}.`, {
      hint: 'Class c allows 2^(16 + c) gas; class 8 is 16.8 million.',
    })
  }
}
