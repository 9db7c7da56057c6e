/** `enigma network execute`: makes the calls that were scheduled, once their delay is over. */
import type { Run } from '../command.ts'
import { openGoverned } from '../governance.ts'
import { describeCall, executeOperation, findOperation, requireTimelock } from '../timelock.ts'
import { parseOperationId } from './operation-id.ts'
import type { NETWORK_GOVERN } from './options.ts'

export const networkExecute: Run<typeof NETWORK_GOVERN> = async (values, [text], context) => {
  const id = parseOperationId(text)
  const network = await openGoverned(values.account, context)
  const timelock = await requireTimelock(network)
  const operation = await findOperation(network, timelock, id)
  const txHash = await executeOperation(network, timelock, operation)
  const calls = operation.calls.map((call) => describeCall(call, network, timelock).text)
  for (const call of calls) context.output.say(`Done: ${call}`)
  context.output.answer({ id, calls, txHash })
  return 0
}
