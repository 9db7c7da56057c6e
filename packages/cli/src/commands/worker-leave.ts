/** `enigma worker leave`: ends a seat's part in the lottery. What was drawn before may still be settled. */
import type { Run } from '../command.ts'
import { findNetwork, openNetwork, operatorAccount } from '../network.ts'
import { orRefusal } from '../refusal.ts'
import { readSeat } from '../seats.ts'
import type { WORKER_LEAVE } from './options.ts'
import { ownSeat } from './own-seat.ts'

export const workerLeave: Run<typeof WORKER_LEAVE> = async (values, _positionals, { output, cwd, env }) => {
  const { file } = await findNetwork(cwd)
  const account = operatorAccount(file, values.account, env)
  const { client, enigma } = openNetwork(file, account)
  const { seat } = await ownSeat(enigma, account.address, values.seat)
  // Simulated first: a refusal then costs nothing and says why.
  await orRefusal(enigma.simulate.leaveSeat([BigInt(seat)], { account }))
  const txHash = await enigma.write.leaveSeat([BigInt(seat)], { account, chain: null })
  await client.waitForTransactionReceipt({ hash: txHash })
  const { exitEpoch } = await readSeat(enigma, seat)
  output.say(`Seat ${seat} takes part in no epoch from ${exitEpoch} on; let its worker run until then.`)
  output.answer({ seat, exitEpoch, txHash })
  return 0
}
