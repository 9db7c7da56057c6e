/** `enigma network retire`: ends old generations of the network secret. */
import type { Run } from '../command.ts'
import { numberArgument, openGoverned } from '../governance.ts'
import { orRefusal } from '../refusal.ts'
import type { NETWORK_GOVERN } from './options.ts'

export const networkRetire: Run<typeof NETWORK_GOVERN> = async (values, [text], context) => {
  const minGeneration = numberArgument('GENERATION', text, 2 ** 32 - 1)
  const { client, registry, account } = await openGoverned(values.account, context)
  await orRefusal(registry.simulate.raiseMinGeneration([minGeneration], { account }))
  const txHash = await registry.write.raiseMinGeneration([minGeneration], { account, chain: null })
  await client.waitForTransactionReceipt({ hash: txHash })
  context.output.say(`Generations below ${minGeneration} are neither handed on nor opened any more.`)
  context.output.answer({ minGeneration, txHash })
  return 0
}
