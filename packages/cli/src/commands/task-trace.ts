/** `enigma task trace`: a private function run here as a Core would run it, and what it did. */
import {
  formatReason,
  formatTrace,
  formatValue,
  type SimulatedRead,
  type Simulation,
  simulate,
} from '@enigma/client/simulate'
import { type Address, parseHex } from '@enigma/protocol'
import type { Abi } from 'viem'
import { UsageError } from '../arguments.ts'
import type { Run } from '../command.ts'
import { abiOf } from '../examples.ts'
import { readUserJson, UserFileError } from '../files.ts'
import { grouped } from '../format.ts'
import { findNetwork, UnknownAccountError } from '../network.ts'
import type { NetworkFile } from '../network-file.ts'
import type { Output } from '../output.ts'
import { readCall } from './call-arguments.ts'
import type { TASK_TRACE } from './options.ts'

export const taskTrace: Run<typeof TASK_TRACE> = async (values, [contract = '', name = '', ...words], context) => {
  const { output, cwd } = context
  const { file, client } = await findNetwork(cwd)
  const address = file.dApps[contract] ?? readAddress(contract)
  const abi = values.abi === undefined ? abiOf(file, address) : await readAbi(cwd, values.abi)
  const simulation = await simulate({
    client,
    address,
    ...readCall(abi, name, words),
    account: accountOf(file, values.from),
    gasClass: values['gas-class'],
    ...(values.block !== undefined && { blockNumber: BigInt(values.block) }),
  })
  show(simulation, output)
  output.answer(simulation)
  return 0
}

function show({ outcome, gasUsed, trace, reads, blockNumber }: Simulation, { say, style }: Output): void {
  say(formatTrace({ trace }))
  say('')
  say(`${outcome.kind === 'returned' ? style('green', 'returned') : style('yellow', outcome.kind)} ${endOf(outcome)}`)
  say(`${grouped(gasUsed)} gas of ${grouped(trace.gas)}, on the state at the end of block ${blockNumber}`)
  say(reads.length === 0 ? 'an operator sees no reads' : `an operator sees ${reads.length} reads:`)
  for (const read of reads) say(`  ${readOf(read)}`)
}

function endOf(outcome: Simulation['outcome']): string {
  switch (outcome.kind) {
    case 'returned':
      // Of a signature without its results only the bytes are known.
      return outcome.result === undefined ? outcome.output : formatValue(outcome.result)
    case 'reverted':
      return formatReason(outcome.reason)
    case 'halted':
      return outcome.halt
  }
}

function readOf({ address, slot, isPrefetched }: SimulatedRead): string {
  return `${address} ${slot ?? 'account'}${isPrefetched ? ' (prefetched)' : ''}`
}

/** The ABI itself, or a compiler's answer that holds it. */
async function readAbi(cwd: string, file: string): Promise<Abi> {
  const json = await readUserJson(cwd, file)
  const abi = Array.isArray(json) ? json : (json as { abi?: unknown } | null)?.abi
  if (!Array.isArray(abi)) throw new UserFileError(file, 'neither an ABI nor a file with one under "abi"')
  return abi as Abi
}

function accountOf(file: NetworkFile, given: string): Address {
  if (given.startsWith('0x')) return readAddress(given)
  const account = file.accounts.find(({ name }) => name === given)
  if (!account) throw new UnknownAccountError(given, file)
  return account.address
}

function readAddress(text: string): Address {
  try {
    return parseHex(text, { bytes: 20, what: 'address' })
  } catch {
    throw new UsageError(`"${text}" is neither an address nor a name on the local network.`)
  }
}
