/** The word of a seat that the lottery reads: signer 160 | active 20 | exit 20 | measurement id 8 | credit in gwei 48. */
import { type Address, parseHex } from './bytes.ts'
import { bits, place, smallBits } from './word.ts'

export type Seat = {
  signer: Address
  /** First epoch that the seat takes part in. */
  activeEpoch: number
  /** First epoch that it takes part in no more. */
  exitEpoch: number
  /** Index in the contract's list of admitted measurements. */
  measurementId: number
  /** Fees earned and not yet paid out. */
  creditGwei: bigint
}

export function parseSeatWord(word: bigint): Seat {
  return {
    signer: `0x${bits(word, 0, 160).toString(16).padStart(40, '0')}`,
    activeEpoch: smallBits(word, 160, 20),
    exitEpoch: smallBits(word, 180, 20),
    measurementId: smallBits(word, 200, 8),
    creditGwei: bits(word, 208, 48),
  }
}

export function packSeatWord({ signer, activeEpoch, exitEpoch, measurementId, creditGwei }: Seat): bigint {
  return (
    place(parseHex(signer, { bytes: 20, what: 'signer' }), 0, 160, 'signer') |
    place(activeEpoch, 160, 20, 'activeEpoch') |
    place(exitEpoch, 180, 20, 'exitEpoch') |
    place(measurementId, 200, 8, 'measurementId') |
    place(creditGwei, 208, 48, 'creditGwei')
  )
}

/** Whether the seat takes part in `epoch`: active, not exited, and running code that has not been revoked. */
export function isSeatLive(
  { activeEpoch, exitEpoch, measurementId }: Omit<Seat, 'creditGwei' | 'signer'>,
  { epoch, revokedMask }: { epoch: number; revokedMask: number },
): boolean {
  // Shifted as a bigint: JavaScript would take a shift modulo 32, where Solidity's ends at zero.
  const isRevoked = bits(BigInt(revokedMask), measurementId, 1) === 1n
  return activeEpoch <= epoch && epoch < exitEpoch && !isRevoked
}
