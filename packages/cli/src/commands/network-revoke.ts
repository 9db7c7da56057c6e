/** `enigma network revoke`: takes code out of the network that must not be trusted any more. */
import type { Run } from '../command.ts'
import { govern, numberArgument, openGoverned, UnknownMeasurementError } from '../governance.ts'
import { readSeats } from '../seats.ts'
import type { NETWORK_GOVERN } from './options.ts'

export const networkRevoke: Run<typeof NETWORK_GOVERN> = async (values, [text], context) => {
  const id = numberArgument('ID', text, 31)
  const network = await openGoverned(values.account, context)
  const { enigma } = network
  const measurement = await enigma.read.measurement([id])
  if (BigInt(measurement) === 0n) throw new UnknownMeasurementError(id)
  const { address, abi } = enigma
  const call = { address, abi, functionName: 'revokeMeasurement', args: [id] }
  const { txHash, operation } = await govern(network, call, context.output)
  if (operation) {
    context.output.answer({ operation, txHash })
    return 0
  }
  const seats = (await readSeats(enigma)).filter(({ measurementId }) => measurementId === id).map(({ seat }) => seat)
  context.output.say(`Measurement ${id} is revoked: ${measurement}.`)
  context.output.say(seats.length === 0 ? 'No seat ran it.' : `Out at once: seat ${seats.join(', ')}.`)
  context.output.say('If it held the secret, enigma network rotate is next.')
  context.output.answer({ id, measurement, seats, txHash })
  return 0
}
