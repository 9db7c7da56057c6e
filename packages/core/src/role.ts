/** What a worker's and the Principal's Core have in common: a configuration, a machine, and answers to some of the calls. */
import type { Hex, Network } from '@enigma/protocol'
import type { CallName, CallParams, CallResult, Info } from './calls.ts'
import { isolation } from './isolation.ts'
import type { Platform } from './platform/platform.ts'

export type RoleParts = { network: Network; networkHash: Hex; platform: Platform }

/** The calls that a role answers; it refuses the others. */
export type Handlers = {
  [Name in CallName]?: (params: CallParams<Name>) => CallResult<Name> | Promise<CallResult<Name>>
}

export function infoOf(
  { networkHash, platform }: RoleParts,
  keys: Omit<Info, 'kind' | 'isolation' | 'measurement' | 'networkHash'>,
): Info {
  const { kind } = platform
  return { kind, isolation: isolation(), measurement: platform.measurement(), networkHash, ...keys }
}
