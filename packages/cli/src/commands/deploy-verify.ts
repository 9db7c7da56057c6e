/** `enigma deploy verify`: is the network on chain the one that its file describes, in the code that this program knows? */
import type { Run } from '../command.ts'
import { openChain } from '../deploy/send.ts'
import { verifyNetwork } from '../deploy/verify.ts'
import { readUserFile } from '../files.ts'
import { parseNetworkFile } from '../network-file.ts'
import type { DEPLOY_VERIFY } from './options.ts'

export const deployVerify: Run<typeof DEPLOY_VERIFY> = async (values, [name = ''], { output, cwd }) => {
  const file = parseNetworkFile(new TextDecoder().decode(await readUserFile(cwd, name)), name)
  const findings = await verifyNetwork(openChain(values.rpc ?? file.rpcUrl), file)
  for (const { what, fault } of findings) {
    const mark = fault === undefined ? output.style('green', 'ok    ') : output.style('red', 'differs')
    output.say(`${mark} ${what}${fault === undefined ? '' : `: ${fault}`}`)
  }
  const faults = findings.filter(({ fault }) => fault !== undefined)
  output.say(faults.length === 0 ? `It is what ${name} says.` : `It is not what ${name} says.`)
  output.answer({ isSame: faults.length === 0, findings })
  return faults.length === 0 ? 0 : 1
}
