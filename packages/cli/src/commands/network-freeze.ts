/** `enigma network freeze`: the first thing to do where a platform may be broken. */
import type { Run } from '../command.ts'
import { openGoverned } from '../governance.ts'
import { orRefusal } from '../refusal.ts'
import type { NETWORK_FREEZE } from './options.ts'

export const networkFreeze: Run<typeof NETWORK_FREEZE> = async (values, _positionals, context) => {
  const { client, registry, account } = await openGoverned(values.account, context)
  const isFrozen = !values.end
  await orRefusal(registry.simulate.freezeJoins([isFrozen], { account }))
  const txHash = await registry.write.freezeJoins([isFrozen], { account, chain: null })
  await client.waitForTransactionReceipt({ hash: txHash })
  context.output.say(
    isFrozen
      ? 'Joins are frozen: no enclave gets the secret that never held it.'
      : 'Joins are open again: any admitted enclave gets the secret.',
  )
  context.output.answer({ isFrozen, txHash })
  return 0
}
