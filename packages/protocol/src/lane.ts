/**
 * Which of a dApp's lotteries a task falls into.
 *
 * A function of the slot and its counter, so that trying again costs a task: a requester who wants one particular worker
 * gets at most `lanes` lotteries an epoch.
 */
import { abiAddress, abiEncode, abiUint } from './abi.ts'
import { type Address, keccak256 } from './bytes.ts'
import { EnigmaError } from './errors.ts'

export type LaneOf = { requester: Address; slot: number; seq: bigint /** Of the dApp in the epoch. */; lanes: number }

export function laneOf({ requester, slot, seq, lanes }: LaneOf): number {
  if (!Number.isInteger(lanes) || lanes < 1 || lanes > 0xffff) throw new LanesError(lanes)
  const draw = BigInt(keccak256(abiEncode(abiAddress(requester), abiUint(slot, 32), abiUint(seq, 64))))
  return Number(draw % BigInt(lanes))
}

export class LanesError extends EnigmaError {
  override readonly name = 'Lane.LanesError'
  readonly code = 'INVALID_LANES'
  constructor(found: number) {
    super(`A dApp has 1 to 65,535 lanes, not ${found}.`, { hint: 'Read lanes(dApp, epoch) from the Enigma contract.' })
  }
}
