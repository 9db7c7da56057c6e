/** `enigma down`: stops the network of this folder and waits until nothing of it runs. */
import type { Run } from '../command.ts'
import { stopNetwork } from '../localnet/home.ts'
import { homeOf } from '../network-file.ts'
import type { NONE } from './options.ts'

export const down: Run<typeof NONE> = async (_values, _positionals, { output, cwd }) => {
  const stopped = await stopNetwork(homeOf(cwd))
  output.say(stopped ? 'The network is down.' : 'No network was up here.')
  output.answer({ stopped })
  return 0
}
