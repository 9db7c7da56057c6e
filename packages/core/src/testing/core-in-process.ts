/** Core without its process: the same frames' values go in and come out, through the same schemas. */
import * as v from 'valibot'
import { type Answer, CALLS, type CallName, type CallParams, type CallResult, type CoreConfig } from '../calls.ts'
import { toWire } from '../channel.ts'
import { createCore } from '../core.ts'
import { coreErrorOf } from '../errors.ts'
import type { Platform } from '../platform/platform.ts'
import { createSimulatedPlatform } from '../platform/simulated.ts'
import { configOf } from './world.ts'

/** A simulated machine whose measurement is given and whose quotes are not worth their making. */
export function machine(name = 'test', measurement: `0x${string}` = `0x${'4d'.repeat(32)}`): Platform {
  const simulated = createSimulatedPlatform(name, () => measurement)
  return { ...simulated, quote: async (reportData) => new Uint8Array(reportData) }
}

export function coreInProcess(
  over: Partial<CoreConfig> = {},
  platform: Platform = machine(),
  note: (code: string) => void = () => {},
) {
  const core = createCore(configOf(over), { platform, loadExecutions: () => import('../executions.ts'), note })
  let id = 0
  const call = async <Name extends CallName>(name: Name, params: CallParams<Name>): Promise<CallResult<Name>> => {
    id++
    const answer: Answer = await core.answer(toWire({ id, call: name, params }))
    if ('error' in answer) throw coreErrorOf(answer.error)
    return v.parse(CALLS[name].result, toWire(answer.result)) as CallResult<Name>
  }
  return {
    answer: core.answer,
    info: () => call('info', {}),
    attest: (params: CallParams<'attest'>) => call('attest', params),
    restore: (params: CallParams<'restore'>) => call('restore', params),
    execute: (params: CallParams<'execute'>) => call('execute', params),
    state: (params: CallParams<'state'>) => call('state', params),
    batch: (params: CallParams<'batch'>) => call('batch', params),
    nonce: () => call('nonce', {}),
    commit: (params: CallParams<'commit'>) => call('commit', params),
    join: (params: CallParams<'join'>) => call('join', params),
    grant: (params: CallParams<'grant'>) => call('grant', params),
    accept: (params: CallParams<'accept'>) => call('accept', params),
    hold: (params: CallParams<'hold'>) => call('hold', params),
    contractKey: (params: CallParams<'contractKey'>) => call('contractKey', params),
    seed: (params: CallParams<'seed'>) => call('seed', params),
  }
}

export const ATTEST: CallParams<'attest'> = {
  operator: `0x${'0f'.repeat(20)}`,
  identityBlock: 990n,
  identityBlockHash: `0x${'b1'.repeat(32)}`,
}

/** A worker's Core that has keys, and the input key it attested. */
export async function attestedWorker(over: Partial<CoreConfig> = {}, platform: Platform = machine()) {
  const core = coreInProcess(over, platform)
  const attested = await core.attest(ATTEST)
  if (!('inputKey' in attested)) throw new Error('A worker attests an input key.')
  return { core, ...attested, sealed: sealedOf(attested) }
}

/** The sealed keys, of a platform that seals. */
export function sealedOf({ sealed }: { sealed: Uint8Array | null }): Uint8Array {
  if (sealed === null) throw new Error('This platform seals nothing.')
  return sealed
}
