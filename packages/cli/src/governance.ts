/** The network secret as governor and guardian see it, and how they act: at once, or through the network's timelock. */
import { EnigmaError, type Hex } from '@enigma/protocol'
import { type ContractFunctionParameters, encodeFunctionData } from 'viem'
import { UsageError } from './arguments.ts'
import type { Context } from './command.ts'
import { findNetwork, type OpenNetwork, openNetwork, operatorAccount, type SigningNetwork } from './network.ts'
import type { Output } from './output.ts'
import { orRefusal, RefusedError } from './refusal.ts'
import { describeCall, findTimelock, formatTime, type Operation, scheduleCalls, type Timelock } from './timelock.ts'

export type SecretState = {
  generation: number
  minGeneration: number
  openGeneration: number
  isFrozen: boolean
}

export async function readSecret(registry: OpenNetwork['registry']): Promise<SecretState> {
  const { generation, minGeneration, openGeneration, isFrozen } = await registry.read.state()
  return { generation, minGeneration, openGeneration, isFrozen }
}

/** The folder's network with an account that may govern it: the named one, the environment's, else the deployer's. */
export async function openGoverned(name: string | undefined, { cwd, env }: Context) {
  const { file } = await findNetwork(cwd)
  const account = operatorAccount(file, name ?? (env.ENIGMA_OPERATOR_KEY === undefined ? 'deployer' : undefined), env)
  return { ...openNetwork(file, account), account }
}

/**
 * Makes a call that governor or guardian may make. Where the account may not, and the governor is a timelock, the call is
 * scheduled there instead, said so, and returned as an operation: nothing has changed yet.
 */
export async function govern(
  network: SigningNetwork,
  call: ContractFunctionParameters,
  output: Output,
): Promise<{ txHash: Hex; operation?: Operation }> {
  const { client, account } = network
  try {
    await orRefusal(client.simulateContract({ ...call, account }))
  } catch (error) {
    const who = governorsMeantBy(error)
    const timelock = who && (await findTimelock(network))
    if (!timelock) throw error
    const scheduled = await scheduleCalls(network, timelock, [{ target: call.address, data: encodeFunctionData(call) }])
    sayScheduled(scheduled.operation, { network, timelock, output })
    if (who === 'OnlyGuardian') output.say('The guardian may do it at once.')
    const refusal = await refusalAsOf(network, { ...call, account: timelock.address })
    if (refusal) output.say(`As things stand the call would fail then. ${refusal.message}`)
    return scheduled
  }
  const txHash = await client.writeContract({ ...call, account, chain: null })
  await client.waitForTransactionReceipt({ hash: txHash })
  return { txHash }
}

function sayScheduled(
  { id, calls, readyAt, staleAt }: Operation,
  { network, timelock, output }: { network: OpenNetwork; timelock: Timelock; output: Output },
): void {
  for (const call of calls) output.say(`Scheduled, not done yet: ${describeCall(call, network, timelock).text}`)
  output.say(`From ${formatTime(readyAt)} until ${formatTime(staleAt)} anyone may do it:`)
  output.say(`  enigma network execute ${id}`)
}

/** A call that rests on others which are scheduled too is refused today and not then: so it is said, and no obstacle. */
async function refusalAsOf(
  { client }: OpenNetwork,
  call: ContractFunctionParameters & { account: Hex },
): Promise<RefusedError | undefined> {
  try {
    await orRefusal(client.simulateContract(call))
  } catch (error) {
    if (error instanceof RefusedError) return error
    throw error
  }
  return undefined
}

/** The contracts' refusals of whoever is not the governor; with the second, the guardian may too. */
function governorsMeantBy(error: unknown): 'OnlyGovernor' | 'OnlyGuardian' | undefined {
  const name = error instanceof RefusedError ? error.errorName : undefined
  return name === 'OnlyGovernor' || name === 'OnlyGuardian' ? name : undefined
}

/** A number from the command line that must be one, from 0 to `most`. */
export function numberArgument(name: string, text: string | undefined, most: number): number {
  const number = Number(text)
  if (text === undefined || !/^\d+$/.test(text) || number > most) {
    throw new UsageError(`${name} is a whole number from 0 to ${most}, not "${text ?? ''}".`)
  }
  return number
}

/** Thrown where a network has no such measurement. */
export class UnknownMeasurementError extends EnigmaError {
  override readonly name = 'Governance.UnknownMeasurementError'
  readonly code = 'UNKNOWN_MEASUREMENT'
  constructor(id: number) {
    super(`The network admits no measurement ${id}.`, { hint: 'enigma network status lists them.' })
  }
}
