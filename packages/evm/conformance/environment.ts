/** The block and the accounts that a fixture sets its case in. */
import { bytesToHex, type Hex, utf8 } from '@enigma/protocol'
import { keccak256 } from '../src/keccak.ts'
import type { World } from '../src/testing/engine.ts'
import type { Block } from '../src/types.ts'
import { blobBaseFee } from './rules.ts'
import { address, bytes, quantity, word, wordOf } from './values.ts'

export type RawEnvironment = {
  currentCoinbase: string
  currentGasLimit: string
  currentNumber: string
  currentTimestamp: string
  currentDifficulty?: string
  currentRandom?: string
  currentBaseFee?: string
  currentExcessBlobGas?: string
}

export type RawAccounts = Record<
  string,
  { balance: string; nonce: string; code: string; storage: Record<string, string> }
>

export function blockOf(raw: RawEnvironment, blobUpdateFraction: bigint): Block {
  return {
    number: quantity(raw.currentNumber),
    timestamp: quantity(raw.currentTimestamp),
    coinbase: address(raw.currentCoinbase),
    // Opcode 0x44 gave the difficulty where there was no randomness yet.
    prevRandao: word(raw.currentRandom ?? raw.currentDifficulty ?? '0x'),
    gasLimit: quantity(raw.currentGasLimit),
    baseFeePerGas: quantity(raw.currentBaseFee ?? '0x'),
    blobBaseFee: blobBaseFee(quantity(raw.currentExcessBlobGas ?? '0x'), blobUpdateFraction),
  }
}

export function worldOf(raw: RawAccounts): World {
  return new Map(
    Object.entries(raw).map(([text, { balance, nonce, code, storage }]) => {
      const slots = Object.entries(storage).map(([slot, value]) => [word(slot), quantity(value)] as const)
      const filled = slots.filter(([, value]) => value !== 0n).map(([slot, value]) => [slot, wordOf(value)] as const)
      const account = {
        nonce: quantity(nonce),
        balanceWei: quantity(balance),
        code: bytes(code),
        storage: new Map(filled),
      }
      return [address(text), account] as const
    }),
  )
}

/** The convention of the test tools, which have no chain: the hash of a block is that of its number in decimal. */
export function blockHashOf(number: bigint): Hex {
  return bytesToHex(keccak256(utf8(number.toString())))
}
