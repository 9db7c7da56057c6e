/** `enigma network rotate`: the next generation of the network secret. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Run } from '../command.ts'
import { openGoverned, readSecret } from '../governance.ts'
import { POLL_MS } from '../network.ts'
import { orRefusal } from '../refusal.ts'
import type { NETWORK_ROTATE } from './options.ts'

export const networkRotate: Run<typeof NETWORK_ROTATE> = async (values, _positionals, context) => {
  const { output, signal } = context
  const { client, registry, account } = await openGoverned(values.account, context)
  await orRefusal(registry.simulate.openGeneration({ account }))
  const txHash = await registry.write.openGeneration({ account, chain: null })
  await client.waitForTransactionReceipt({ hash: txHash })
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
