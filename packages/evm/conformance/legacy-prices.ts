/**
 * What the opcodes of a legacy test cost when it was written, where that has changed since.
 *
 * A legacy test tells the gas left under the schedule of 2015. Most prices still hold; for those that do not, the
 * oracle's trace says what each opcode costs today, and this file what it cost then. Today's gas must differ from the
 * test's by exactly the sum of these differences. Where that sum cannot be told, gas is not compared.
 */
import type { Step } from '../src/testing/oracle.ts'

const EXP = 0x0a
const BALANCE = 0x31
const EXTCODESIZE = 0x3b
const SLOAD = 0x54
const SSTORE = 0x55
const GAS = 0x5a
const SELFDESTRUCT = 0xff

/** What these cost then, whatever their operands: EIP-150, EIP-1884 and EIP-2929 raised them. */
const FLAT_THEN = new Map([
  [BALANCE, 20n],
  [EXTCODESIZE, 20n],
  [SLOAD, 50n],
  [SELFDESTRUCT, 0n],
])

/** EXTCODECOPY and the calls: their price is a sum of which only a part has changed, and a callee spends of it too. */
const UNTOLD = new Set([0x3c, 0xf0, 0xf1, 0xf2])

const REPRICED = new Set([EXP, SSTORE, ...FLAT_THEN.keys(), ...UNTOLD])

/** A longer program is not traced: the oracle takes a microsecond or more for each. */
const MAX_TRACED_STEPS = 20_000

/** Opcodes of 2015: up to the last of each row. A program that runs another one was a failure then. */
const ROWS_THEN: readonly (readonly [number, number])[] = [
  [0x00, 0x0b],
  [0x10, 0x1a],
  [0x20, 0x20],
  [0x30, 0x3c],
  [0x40, 0x45],
  [0x50, 0x5b],
  [0x60, 0xa4],
  [0xf0, 0xf3],
  [0xff, 0xff],
]

/** Thrown out of a run that is traced, once it has become too long. */
export class TraceEnd extends Error {
  override readonly name = 'Conformance.TraceEnd'
}

export type LegacyTrace = {
  /** Throws a TraceEnd after too many. */
  add(step: Step): void
  /** Today's price of the whole run less that of then, or why it cannot be told. */
  difference(): bigint | string
  costThen(): bigint
  /** Whether it came upon an opcode that was none yet. */
  hasNewOpcode(): boolean
}

/** Whether every instruction of `code` costs today what it cost then. It may jump only to instructions, never between. */
export function holdsSchedule(code: Uint8Array): boolean {
  for (let i = 0; i < code.length; i++) {
    const opcode = code[i] as number
    if (REPRICED.has(opcode)) return false
    if (opcode >= 0x60 && opcode <= 0x7f) i += opcode - 0x5f
  }
  return true
}

/** `slots` are those that the program finds filled. */
export function traceLegacy(slots: Iterable<readonly [bigint, bigint]>): LegacyTrace {
  const storage = new Map(slots)
  let difference = 0n
  let costThen = 0n
  let steps = 0
  let hasNewOpcode = false
  let untold: string | undefined
  return {
    add(step) {
      const then = priceThen(step, storage)
      if (++steps > MAX_TRACED_STEPS) {
        untold ??= 'too many opcodes to trace'
        throw new TraceEnd()
      }
      if (UNTOLD.has(step.code)) untold ??= 'a call, whose price was another sum'
      // The program itself saw another number here than it did then.
      else if (step.code === GAS && difference !== 0n) untold ??= 'GAS after a price that has changed'
      hasNewOpcode ||= !ROWS_THEN.some(([from, to]) => step.code >= from && step.code <= to)
      costThen += then
      difference += step.cost - then
    },
    difference: () => untold ?? difference,
    costThen: () => costThen,
    hasNewOpcode: () => hasNewOpcode,
  }
}

function priceThen({ code, cost, stack }: Step, storage: Map<bigint, bigint>): bigint {
  const [second = 0n, top = 0n] = stack.slice(-2)
  if (code === EXP) return 10n + 10n * byteLength(second)
  if (code !== SSTORE) return FLAT_THEN.get(code) ?? cost
  const isFilled = (storage.get(top) ?? 0n) !== 0n
  storage.set(top, second)
  return !isFilled && second !== 0n ? 20_000n : 5_000n
}

function byteLength(value: bigint): bigint {
  return value === 0n ? 0n : BigInt(Math.ceil(value.toString(16).length / 2))
}
