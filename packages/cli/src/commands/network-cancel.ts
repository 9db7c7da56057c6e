/** `enigma network cancel`: takes back what was scheduled. */
import type { Run } from '../command.ts'
import { openGoverned } from '../governance.ts'
import { cancelOperation, describeCall, findOperation, requireTimelock } from '../timelock.ts'
import { parseOperationId } from './operation-id.ts'
import type { NETWORK_GOVERN } from './options.ts'

export const networkCancel: Run<typeof NETWORK_GOVERN> = async (values, [text], context) => {
  const id = parseOperationId(text)
  const network = await openGoverned(values.account, context)
  const timelock = await requireTimelock(network)
  const { calls: scheduled } = await findOperation(network, timelock, id)
  const txHash = await cancelOperation(network, timelock, id)
  const calls = scheduled.map((call) => describeCall(call, network, timelock).text)
  for (const call of calls) context.output.say(`Will not be done: ${call}`)
  context.output.answer({ id, calls, txHash })
  return 0
}
