/** `npm start`: a network, and several people who apply for a loan on it at once without showing anybody their figures. */
import { EnigmaError, type Hex } from '@enigma/protocol'
import type { Context, Run } from '../command.ts'
import type { DEMO } from '../commands/options.ts'
import { seconds } from '../format.ts'
import { accountOf } from '../localnet/accounts.ts'
import { StartStoppedError } from '../localnet/activate.ts'
import { homeOf, networkFileOf } from '../network-file.ts'
import { logFileOf, type Session, withNetwork } from '../session.ts'
import { APPLICATIONS } from './applicants.ts'
import { type Applied, applyForLoan } from './apply.ts'
import { describeApplication, describeEvent, describeOffer, narrator } from './narrate.ts'
import { reportOf } from './report.ts'
import { workLog } from './work-log.ts'

export const demo: Run<typeof DEMO> = async ({ workers, applicants, once }, _positionals, context) => {
  const { output, cwd, signal, isTerminal } = context
  const home = homeOf(cwd)
  output.say(
    `Starting a network of ${workers} workers on this machine: chain, contracts, attestation, principal, enclaves …`,
  )
  try {
    return await withNetwork({ home, workers, port: 0 }, { log: workLog(output), signal }, async (session) => {
      introduce(session, context)
      const began = performance.now()
      const applied = await applyAll(session, applicants, context)
      const demoMs = Math.round(performance.now() - began)
      conclude(applied, demoMs, context)
      output.answer(reportOf(applied, workers, { ready: session.readyMs, demo: demoMs }))
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
  say(`The lender’s contract is ${loanOf(network.dApps)}. Each applicant’s figures are scored inside an enclave:`)
}

/** Everyone at once, each with an account of his own. */
async function applyAll({ network, signal }: Session, applicants: number, { output }: Context): Promise<Applied[]> {
  const loan = loanOf(network.dApps)
  return Promise.all(
    Object.entries(APPLICATIONS)
      .slice(0, applicants)
      .map(async ([name, application], index) => {
        const tell = narrator(output, name, index)
        const account = accountOf(network.accounts, name)
        tell(`applies with ${describeApplication(application)}; only the enclave will see this`)
        const told = (event: Parameters<typeof describeEvent>[0]) => {
          const line = describeEvent(event, output)
          if (line !== undefined) tell(line)
        }
        const applied = await applyForLoan({ network, loan, account, application }, told, signal)
        tell(describeOffer(applied, output))
        return applied
      }),
  )
}

function conclude(applied: readonly Applied[], demoMs: number, { output: { say, style } }: Context): void {
  say('')
  say(
    `${style(['green', 'bold'], 'done')} in ${seconds(demoMs)}: ${applied.length} offers on chain, and not one figure of an applicant.`,
  )
}

function invite({ output: { say, style }, cwd }: Context): void {
  const rows = [
    ['npx enigma status', 'what runs, and who has earned what'],
    ['npx enigma task watch', 'tasks as they come and go'],
    ['npx node examples/loan/index.ts', 'applies once more, and is refused once: twenty lines to start from'],
    ['npx node examples/addition/index.ts', 'the smallest dApp there is'],
  ] as const
  const width = Math.max(...rows.map(([typed]) => typed.length))
  say('')
  say('The network stays up. In another terminal:')
  for (const [typed, what] of rows) say(`  ${style('cyan', typed.padEnd(width))}  ${what}`)
  say(`Addresses, and keys of accounts with play money, are in ${networkFileOf(homeOf(cwd))}.`)
  say('Ctrl-C ends it.')
}

function loanOf(dApps: Readonly<Record<string, Hex>>): Hex {
  const { loan } = dApps
  if (loan === undefined) throw new RangeError('the network carries no loan contract')
  return loan
}
