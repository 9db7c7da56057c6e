/** `enigma network freeze`: the first thing to do where a platform may be broken. */
import type { Run } from '../command.ts'
import { govern, openGoverned } from '../governance.ts'
import type { NETWORK_FREEZE } from './options.ts'

export const networkFreeze: Run<typeof NETWORK_FREEZE> = async (values, _positionals, context) => {
  const { output } = context
  const network = await openGoverned(values.account, context)
  const isFrozen = !values.end
  const { address, abi } = network.registry
  const call = { address, abi, functionName: 'freezeJoins', args: [isFrozen] }
  const { txHash, operation } = await govern(network, call, output)
  if (operation) {
    output.answer({ operation, txHash })
    return 0
  }
  output.say(
    isFrozen
      ? 'Joins are frozen: no enclave gets the secret that never held it.'
      : 'Joins are open again: any admitted enclave gets the secret.',
  )
  output.answer({ isFrozen, txHash })
  return 0
}
