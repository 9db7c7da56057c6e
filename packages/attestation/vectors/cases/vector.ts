/** One entry of the file: a world with one fault, or with a variation that is none. */
import type { AttestationCode } from '../../src/codes.ts'
import { createAuthority } from '../../src/simulated/authority.ts'
import { createPlatform } from '../../src/simulated/platform.ts'
import type { Faults } from '../../src/testing/forge.ts'
import type { Parts } from '../parts.ts'

/** '' is acceptance. */
export type Code = AttestationCode | ''
export type Rewrite = (parts: Parts) => Partial<Parts>
export type Vector = {
  readonly name: string
  /** What the contract answers, and TypeScript too unless it is given otherwise. */
  readonly code: Code
  readonly codeOffChain: Code
  readonly faults: Faults
  /** Changes the finished parts. */
  readonly rewrite: Rewrite
}

export function forged(code: Code, name: string, faults: Faults, codeOffChain = code): Vector {
  return { name, code, codeOffChain, faults, rewrite: () => ({}) }
}

export function rewritten(code: Code, name: string, rewrite: Rewrite, codeOffChain = code): Vector {
  return { name, code, codeOffChain, faults: {}, rewrite }
}

/** The machine that every world is about. */
export const machine = createPlatform(createAuthority('forged'), 'machine')

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** Puts n − s in place of the s at `at`: the same signature, written in the other way. */
export function mirror(bytes: Uint8Array, at: number): Uint8Array {
  const s = BigInt(`0x${Buffer.from(bytes.subarray(at, at + 32)).toString('hex')}`)
  return overwrite(bytes, at, Buffer.from((ORDER - s).toString(16).padStart(64, '0'), 'hex'))
}

export function overwrite(bytes: Uint8Array, at: number, by: Iterable<number>): Uint8Array {
  const changed = bytes.slice()
  changed.set([...by], at)
  return changed
}
