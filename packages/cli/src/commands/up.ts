/** `enigma up`: a whole network on this machine, for as long as the command runs. */
import type { Run } from '../command.ts'
import { seconds } from '../format.ts'
import { StartStoppedError } from '../localnet/activate.ts'
import { prefixedLog } from '../localnet/log.ts'
import { homeOf, networkFileOf } from '../network-file.ts'
import { withNetwork } from '../session.ts'
import type { UP } from './options.ts'

export const up: Run<typeof UP> = async ({ workers, port, once }, _positionals, { output, cwd, signal }) => {
  const home = homeOf(cwd)
  output.say(`Starting a network with ${workers} ${workers === 1 ? 'worker' : 'workers'} on simulated hardware …`)
  try {
    return await withNetwork({ home, workers, port }, { log: prefixedLog(output), signal }, async (session) => {
      const { network, readyMs, stages } = session
      output.say('')
      output.say(
        `${output.style(['green', 'bold'], 'ready')} after ${seconds(readyMs)}: ${workers} workers serve, a block a second`,
      )
      output.say(`  chain    ${network.rpcUrl} (chain ${network.chainId})`)
      output.say(`  Enigma   ${network.enigma}`)
      for (const [name, address] of Object.entries(network.dApps)) output.say(`  ${name.padEnd(8)} ${address}`)
      output.say(`  facts    ${networkFileOf(home)}`)
      output.say(output.style('yellow', '  Simulated hardware: nothing on this network is private.'))
      output.answer({ readyMs, stages, ...network })
      if (once) return 0
      output.say('Ctrl-C, or enigma down, ends it.')
      output.say('')
      await session.ended
      output.say('Stopping …')
      return 0
    })
  } catch (error) {
    // Ctrl-C during the start: what was asked for has happened.
    if (error instanceof StartStoppedError) return 0
    throw error
  }
}
