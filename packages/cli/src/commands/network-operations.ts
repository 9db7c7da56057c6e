/** `enigma network operations`: what will change, and when. */
import type { Run } from '../command.ts'
import { findNetwork } from '../network.ts'
import { describeCall, findOperations, formatDelay, formatTime, requireTimelock } from '../timelock.ts'
import type { NONE } from './options.ts'

export const networkOperations: Run<typeof NONE> = async (_values, _positionals, { output, cwd }) => {
  const network = await findNetwork(cwd)
  const timelock = await requireTimelock(network)
  const operations = (await findOperations(network, timelock)).map((operation) => ({
    ...operation,
    calls: operation.calls.map((call) => ({ ...call, ...describeCall(call, network, timelock) })),
  }))
  const { address, owner, delaySeconds } = timelock
  output.say(`timelock     ${address}, a delay of ${formatDelay(delaySeconds)}`)
  output.say(`owner        ${owner}`)
  if (operations.length === 0) output.say('Nothing was ever scheduled.')
  for (const { id, state, readyAt, staleAt, calls } of operations) {
    output.say('')
    output.say(`${output.style('bold', state.padEnd(11))}  ${id}`)
    output.say(`             from ${formatTime(readyAt)} until ${formatTime(staleAt)}`)
    for (const { text } of calls) output.say(`             ${text}`)
  }
  output.answer({ timelock: address, owner, delaySeconds, operations })
  return 0
}
