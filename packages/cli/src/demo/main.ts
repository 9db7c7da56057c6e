/** `npm start`: a network, and several people on it who find out which of them is the richest, and nothing else. */
import { EnigmaError } from '@enigma/protocol'
import type { Context, Run } from '../command.ts'
import type { DEMO } from '../commands/options.ts'
import { seconds } from '../format.ts'
import { StartStoppedError } from '../localnet/activate.ts'
import { homeOf, networkFileOf } from '../network-file.ts'
import { logFileOf, type Session, withNetwork } from '../session.ts'
import { reportOf } from './report.ts'
import { clubContractOf, findTheRichest } from './story.ts'
import { workLog } from './work-log.ts'

export const demo: Run<typeof DEMO> = async ({ workers, members, once }, _positionals, context) => {
  const { output, cwd, signal, isTerminal } = context
  const home = homeOf(cwd)
  output.say(
    `Starting a network of ${workers} workers on this machine: chain, contracts, attestation, principal, enclaves …`,
  )
  try {
    return await withNetwork({ home, workers, port: 0 }, { log: workLog(output), signal }, async (session) => {
      introduce(session, context)
      const began = performance.now()
      const told = await findTheRichest(session, members, output)
      const demoMs = Math.round(performance.now() - began)
      conclude(members, demoMs, context)
      output.answer(reportOf(told, workers, { ready: session.readyMs, stored: told.storedMs, demo: demoMs }))
      if (once || !isTerminal) return 0
      invite(context)
      await session.ended
      output.say('Stopping …')
      return 0
    })
  } catch (error) {
    // Interrupted, as a shell reports it; nothing is left behind.
    if (error instanceof StartStoppedError || signal.aborted) return 130
    if (error instanceof EnigmaError) output.say(output.style('dim', `What every process said: ${logFileOf(home)}`))
    throw error
  }
}

function introduce({ network, readyMs }: Session, { output: { say, style } }: Context): void {
  say(
    `${style(['green', 'bold'], 'ready')} after ${seconds(readyMs)}: chain ${network.rpcUrl}, Enigma ${network.enigma}`,
  )
  say(
    style(
      'yellow',
      'Simulated hardware: everything below is real but the enclaves, so nothing here is private from this machine.',
    ),
  )
  say('')
  say(
    'Who is the richest? Each stores a fortune, sealed, in a contract; any enclave of this network may compute on it,',
  )
  say(`today or next year, and nobody reads it. The contract is ${clubContractOf(network.dApps)}.`)
}

function conclude(members: number, demoMs: number, { output: { say, style } }: Context): void {
  say('')
  say(
    `${style(['green', 'bold'], 'done')} in ${seconds(demoMs)}: ${members} fortunes at rest on chain, compared, and not one of them shown.`,
  )
}

function invite({ output: { say, style }, cwd }: Context): void {
  const rows = [
    ['npx enigma status', 'what runs, and who has earned what'],
    ['npx enigma task watch', 'tasks as they come and go'],
    ['npx node examples/millionaires/index.ts', 'the same for three people: eighty lines to start from'],
    ['npx node examples/auction/index.ts', 'sells a painting to the highest of three sealed bids'],
    ['npx node examples/loan/index.ts', 'applies for a loan, and is refused once'],
    ['npx node examples/addition/index.ts', 'the smallest dApp there is'],
  ] as const
  const width = Math.max(...rows.map(([typed]) => typed.length))
  say('')
  say('The network stays up. In another terminal:')
  for (const [typed, what] of rows) say(`  ${style('cyan', typed.padEnd(width))}  ${what}`)
  say(`Addresses, and keys of accounts with play money, are in ${networkFileOf(homeOf(cwd))}.`)
  say('Ctrl-C ends it.')
}
