/** The seats of a network, as the contract tells them. */
import type { Hex } from '@enigma/protocol'
import type { OpenNetwork } from './network.ts'

export type SeatRow = {
  seat: number
  signer: Hex
  operator: Hex
  activeEpoch: number
  exitEpoch: number
  measurementId: number
  creditGwei: bigint
  bondGwei: bigint
  quoteBlock: number
}

export async function readSeats(enigma: OpenNetwork['enigma']): Promise<SeatRow[]> {
  const count = Number(await enigma.read.seatCount())
  return Promise.all(Array.from({ length: count }, (_, id) => readSeat(enigma, id)))
}

/** One seat; reverts with `UnknownSeat` where there is none. */
export async function readSeat(enigma: OpenNetwork['enigma'], id: number): Promise<SeatRow> {
  const { signer, operator, activeEpoch, exitEpoch, measurementId, creditGwei, bondGwei, quoteBlock } =
    await enigma.read.seat([BigInt(id)])
  return {
    seat: id,
    signer: signer.toLowerCase() as Hex,
    operator: operator.toLowerCase() as Hex,
    activeEpoch: Number(activeEpoch),
    exitEpoch: Number(exitEpoch),
    measurementId,
    creditGwei,
    bondGwei,
    quoteBlock: Number(quoteBlock),
  }
}

/** Whether the seat takes part in the lottery of `epoch`, where this mask of measurements is revoked. */
export function isLive({ activeEpoch, exitEpoch, measurementId }: SeatRow, epoch: number, revoked: number): boolean {
  return activeEpoch <= epoch && epoch < exitEpoch && (revoked >>> measurementId) % 2 === 0
}
