/** `enigma network announce-observers` and `call-off-observers`: a change of whose word enclaves take for the chain. */
import { type Hex, networkHash } from '@enigma/protocol'
import { isAddress } from 'viem'
import { UsageError } from '../arguments.ts'
import type { Run } from '../command.ts'
import { govern, numberArgument, openGoverned } from '../governance.ts'
import { describeAnnounced, readObservers } from '../observers-change.ts'
import type { NETWORK_GOVERN, NETWORK_OBSERVERS } from './options.ts'

export const networkAnnounceObservers: Run<typeof NETWORK_OBSERVERS> = async (values, _positionals, context) => {
  const { threshold, depth } = values
  const epoch = numberArgument('--epoch', values.epoch, 2 ** 20 - 2)
  const observers = readAddresses(values.observers)
  const network = await openGoverned(values.account, context)
  const { address, abi } = network.enigma
  const { serial } = await readObservers(network)
  const { chainId, enigma, simulated } = network.file
  const next = { observers, threshold, depth }
  // Refuses here, in words, what the contract would refuse with a number.
  const hash = networkHash({ ...next, chainId: BigInt(chainId), enigma, simulated, serial: serial + 1 })
  const call = { address, abi, functionName: 'announceObservers', args: [next, BigInt(epoch)] }
  const { txHash, operation } = await govern(network, call, context.output)
  if (operation) {
    context.output.answer({ operation, txHash, networkHash: hash })
    return 0
  }
  const { announced } = await readObservers(network)
  context.output.say('Announced:')
  for (const line of describeAnnounced(announced)) context.output.say(`  ${line}`)
  context.output.answer({ ...announced, txHash })
  return 0
}

export const networkCallOffObservers: Run<typeof NETWORK_GOVERN> = async (values, _positionals, context) => {
  const network = await openGoverned(values.account, context)
  const { address, abi } = network.enigma
  const { announced } = await readObservers(network)
  const { txHash, operation } = await govern(
    network,
    { address, abi, functionName: 'callOffObservers' },
    context.output,
  )
  if (operation) {
    context.output.answer({ operation, txHash })
    return 0
  }
  context.output.say('Called off: the observers stay as they are.')
  context.output.say('If one of their enclaves holds the secret already, enigma network rotate is next.')
  context.output.answer({ networkHash: announced?.networkHash ?? null, txHash })
  return 0
}

/** Ascending, as the contract takes them. */
function readAddresses(list: string): Hex[] {
  const found = list.split(',').map((text) => text.trim().toLowerCase())
  const wrong = found.find((text) => !isAddress(text))
  if (wrong !== undefined) throw new UsageError(`--observers is a list of addresses; "${wrong}" is none.`)
  return (found as Hex[]).sort()
}
