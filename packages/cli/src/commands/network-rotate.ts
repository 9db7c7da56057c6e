/** `enigma network rotate`: the next generation of the network secret. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Run } from '../command.ts'
import { govern, openGoverned, readSecret } from '../governance.ts'
import { POLL_MS } from '../network.ts'
import type { NETWORK_ROTATE } from './options.ts'

export const networkRotate: Run<typeof NETWORK_ROTATE> = async (values, _positionals, context) => {
  const { output, signal } = context
  const network = await openGoverned(values.account, context)
  const { registry } = network
  const { address, abi } = registry
  const { txHash, operation } = await govern(network, { address, abi, functionName: 'openGeneration' }, output)
  if (operation) {
    output.answer({ operation, txHash })
    return 0
  }
  const { openGeneration } = await readSecret(registry)
  output.say(`Generation ${openGeneration} is open: a worker that holds the secret makes it, the others ask for it.`)
  let state = await readSecret(registry)
  let isCommitted = false
  while (!values['no-wait'] && state.generation < openGeneration && !signal.aborted) {
    await sleep(POLL_MS, undefined, { signal }).catch(() => {})
    state = await readSecret(registry)
    if (isCommitted || BigInt((await registry.read.generation([openGeneration])).commitment) === 0n) continue
    isCommitted = true
    output.say('  one enclave has it')
  }
  const isFinal = state.generation >= openGeneration
  if (isFinal) output.say(`  two enclaves have it: from now on generation ${openGeneration} seals.`)
  output.answer({ generation: openGeneration, isFinal, txHash })
  return isFinal || values['no-wait'] ? 0 : 1
}
