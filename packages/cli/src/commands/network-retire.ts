/** `enigma network retire`: ends old generations of the network secret. */
import type { Run } from '../command.ts'
import { govern, numberArgument, openGoverned } from '../governance.ts'
import type { NETWORK_GOVERN } from './options.ts'

export const networkRetire: Run<typeof NETWORK_GOVERN> = async (values, [text], context) => {
  const minGeneration = numberArgument('GENERATION', text, 2 ** 32 - 1)
  const network = await openGoverned(values.account, context)
  const { address, abi } = network.registry
  const call = { address, abi, functionName: 'raiseMinGeneration', args: [minGeneration] }
  const { txHash, operation } = await govern(network, call, context.output)
  if (!operation) context.output.say(`Generations below ${minGeneration} are neither handed on nor opened any more.`)
  context.output.answer(operation ? { operation, txHash } : { minGeneration, txHash })
  return 0
}
