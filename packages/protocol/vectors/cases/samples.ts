/** Values that look random and are the same in every run. */
import { type Address, type Hex, hexToBytes, keccak256, utf8 } from '../../src/index.ts'

export function sample(name: string): Hex {
  return keccak256(utf8(`enigma vector ${name}`))
}

export function sampleAddress(name: string): Address {
  return `0x${sample(name).slice(26)}`
}

export function sampleSecret(name: string): Uint8Array {
  return hexToBytes(sample(`secret ${name}`))
}

export function sampleNumber(name: string, below: number): number {
  return Number(BigInt(sample(name)) % BigInt(below))
}

export function word(value: bigint): Hex {
  return `0x${value.toString(16).padStart(64, '0')}`
}

/** The code of the error that `act` throws. */
export async function errorOf(act: () => unknown): Promise<string> {
  try {
    await act()
  } catch (error) {
    if (error instanceof Error && 'code' in error) return String(error.code)
    throw error
  }
  throw new Error('This vector is meant to fail, and did not.')
}

export const CHAIN = { chainId: 31337n, enigma: sampleAddress('enigma') }
export const OTHER_CHAIN = { chainId: 1n, enigma: sampleAddress('enigma on another chain') }
