/**
 * The lottery: which seats may run the tasks of a dApp's lane in an epoch, first choice first.
 *
 * The contract, Surface and the client each run it alone and must agree to the byte; `vectors/worker-selection.json`
 * holds them to that. No task id, input or nonce goes in: the client knows its workers before it encrypts, and nobody
 * can try inputs until the draw pleases him.
 */
import { abiAddress, abiEncode, abiUint } from './abi.ts'
import { type Address, keccak256 } from './bytes.ts'
import { EnigmaError } from './errors.ts'
import { MAX_DRAWS, RANKS } from './limits.ts'
import { isSeatLive, type Seat } from './seat.ts'

export type Lottery = { epoch: number; seed: bigint /** T */; seatCount: number; revokedMask: number }
export type LotterySeat = Omit<Seat, 'creditGwei'>
export type Rank = { seat: number; signer: Address }

/** Returns up to `ranks` seats of different signers; fewer where `MAX_DRAWS` draws meet no more that are live. */
export async function selectRanks(
  lottery: Lottery,
  dApp: Address,
  lane: number,
  loadSeat: (seat: number) => Promise<LotterySeat>,
  ranks: number = RANKS,
): Promise<Rank[]> {
  const found: Rank[] = []
  const drawn = new Set<number>()
  for (let draw = 0; draw < MAX_DRAWS && found.length < ranks && lottery.seatCount > 0; draw++) {
    const seat = drawSeat(lottery, dApp, lane, draw)
    if (drawn.has(seat)) continue
    drawn.add(seat)
    const loaded = await loadSeat(seat)
    // Several seats of one signer are several tickets, but one machine: it would not back itself up.
    const isTaken = found.some(({ signer }) => signer === loaded.signer)
    if (isSeatLive(loaded, lottery) && !isTaken) found.push({ seat, signer: loaded.signer })
  }
  if (found.length === 0) throw new NoWorkersError(lottery, dApp, lane)
  return found
}

function drawSeat({ seed, seatCount }: Lottery, dApp: Address, lane: number, draw: number): number {
  const hash = keccak256(abiEncode(abiUint(seed), abiAddress(dApp), abiUint(lane), abiUint(draw)))
  // With under 2^24 seats the modulo bias of a 256-bit draw is below 2^-232.
  return Number(BigInt(hash) % BigInt(seatCount))
}

/** Thrown when an epoch has no seat, or 64 draws meet no live one. */
export class NoWorkersError extends EnigmaError {
  override readonly name = 'Selection.NoWorkersError'
  readonly code = 'NO_WORKERS'
  constructor({ epoch, seatCount }: Lottery, dApp: Address, lane: number) {
    super(`No live worker among ${seatCount} seats in epoch ${epoch}, for dApp ${dApp} in lane ${lane}.`, {
      hint: 'Wait for the next epoch, start a worker, or use a slot of another lane.',
    })
  }
}
