/** What tests of precompiles share. */
import type { Address } from '@enigma/protocol'
import { precompileAt } from '../precompiles/index.ts'
import type { Fork } from '../types.ts'
import type { Answer } from './reference-precompiles.ts'

export function at(number: number): Address {
  return `0x${number.toString(16).padStart(40, '0')}`
}

/** As the machine calls: the price first. */
export function answerOf(address: Address, fork: Fork, input: Uint8Array): Answer {
  const precompile = precompileAt(address, fork)
  if (!precompile) throw new Error(`Nothing stands at ${address}.`)
  const gas = precompile.gas(input)
  const output = precompile.run(input)
  return output === null ? { output } : { output, gas }
}
