/** The network secret as governor and guardian see it, and how they sign. */
import { EnigmaError } from '@enigma/protocol'
import { UsageError } from './arguments.ts'
import type { Context } from './command.ts'
import { findNetwork, type OpenNetwork, openNetwork, operatorAccount } from './network.ts'

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
