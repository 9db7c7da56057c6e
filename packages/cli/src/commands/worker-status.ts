/** `enigma worker status`: the seats of the network, or one of them. */
import type { Run } from '../command.ts'
import { formatGwei } from '../format.ts'
import { findNetwork } from '../network.ts'
import { isLive, readSeat, readSeats } from '../seats.ts'
import type { WORKER_STATUS } from './options.ts'

export const workerStatus: Run<typeof WORKER_STATUS> = async (values, _positionals, { output, cwd }) => {
  const { enigma } = await findNetwork(cwd)
  const [epoch, revoked, found] = await Promise.all([
    enigma.read.currentEpoch(),
    enigma.read.revokedMeasurements(),
    values.seat === undefined ? readSeats(enigma) : readSeat(enigma, values.seat).then((seat) => [seat]),
  ])
  const seats = found.map((seat) => ({ ...seat, live: isLive(seat, Number(epoch), revoked) }))
  for (const seat of seats) {
    const state = seat.live ? output.style('green', 'live') : output.style('yellow', 'not live')
    output.say(
      `${output.style('bold', `seat ${seat.seat}`)}  ${state} in epoch ${epoch} (from ${seat.activeEpoch} until ${seat.exitEpoch})`,
    )
    output.say(`  signer    ${seat.signer}, quote in block ${seat.quoteBlock}`)
    output.say(`  operator  ${seat.operator}`)
    output.say(`  earned    ${formatGwei(seat.creditGwei)}, bond ${formatGwei(seat.bondGwei)}`)
  }
  if (seats.length === 0) output.say('No seat is taken.')
  output.answer({ epoch: Number(epoch), seats })
  return 0
}
