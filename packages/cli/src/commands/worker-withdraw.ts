/** `enigma worker withdraw`: pays out a seat's earnings, and its bond once the cool-down is over. */
import { enigmaAbi } from '@enigma/contracts'
import { type Hex, parseHex } from '@enigma/protocol'
import { parseEventLogs } from 'viem'
import type { Run } from '../command.ts'
import { formatGwei } from '../format.ts'
import { findNetwork, openNetwork, operatorAccount } from '../network.ts'
import { orRefusal } from '../refusal.ts'
import type { WORKER_WITHDRAW } from './options.ts'
import { ownSeat } from './own-seat.ts'

export const workerWithdraw: Run<typeof WORKER_WITHDRAW> = async (values, _positionals, { output, cwd, env }) => {
  const { file } = await findNetwork(cwd)
  const account = operatorAccount(file, values.account, env)
  const to: Hex = values.to === undefined ? account.address : parseHex(values.to, { bytes: 20, what: '--to' })
  const { client, enigma } = openNetwork(file, account)
  const { seat } = await ownSeat(enigma, account.address, values.seat)
  // Simulated first: a refusal then costs nothing and says why.
  await orRefusal(enigma.simulate.withdrawSeat([BigInt(seat), to], { account }))
  const txHash = await enigma.write.withdrawSeat([BigInt(seat), to], { account, chain: null })
  const { logs } = await client.waitForTransactionReceipt({ hash: txHash })
  const [paid] = parseEventLogs({ abi: enigmaAbi, logs, eventName: 'SeatWithdrawn' })
  const { creditGwei = 0n, bondGwei = 0n } = paid?.args ?? {}
  output.say(`Seat ${seat} paid ${formatGwei(creditGwei)} of earnings and ${formatGwei(bondGwei)} of bond to ${to}.`)
  output.answer({ seat, to, creditGwei, bondGwei, txHash })
  return 0
}
