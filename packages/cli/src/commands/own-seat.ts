/** Which seat a command is about, when its operator did not say. */
import { EnigmaError, type Hex } from '@enigma/protocol'
import type { OpenNetwork } from '../network.ts'
import { readSeat, readSeats, type SeatRow } from '../seats.ts'

/** The seat with this number, else the only one of `operator`. */
export async function ownSeat(
  enigma: OpenNetwork['enigma'],
  operator: Hex,
  seat: number | undefined,
): Promise<SeatRow> {
  if (seat !== undefined) return readSeat(enigma, seat)
  const own = (await readSeats(enigma)).filter((row) => row.operator === operator.toLowerCase())
  const [only] = own
  if (!only || own.length > 1) throw new WhichSeatError(operator, own)
  return only
}

/** Thrown where an operator holds no seat, or several. */
export class WhichSeatError extends EnigmaError {
  override readonly name = 'OwnSeat.WhichSeatError'
  readonly code = 'WHICH_SEAT'
  constructor(operator: Hex, own: readonly SeatRow[]) {
    const seats = own.map(({ seat }) => seat).join(', ')
    super(own.length === 0 ? `${operator} holds no seat.` : `${operator} holds several seats: ${seats}.`, {
      hint: own.length === 0 ? 'enigma worker status lists seats and operators.' : 'Name one with --seat.',
    })
  }
}
