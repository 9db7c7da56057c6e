/** What does a worker's Core answer? Who it is, and how tasks end that are sealed to it. */
import { workerReportData } from '@enigma/protocol'
import type { Info, Step } from './calls.ts'
import { CoreError } from './errors.ts'
import type { Executions } from './executions.ts'
import { Identity } from './identity.ts'
import { type Handlers, infoOf, type RoleParts } from './role.ts'
import { canSeal, seal, unseal } from './sealing.ts'

export type WorkerParts = RoleParts & {
  /** Loaded at the first task: to start and to attest, Core needs no EVM. */
  loadExecutions: () => Promise<typeof import('./executions.ts')>
}

export function createWorker(parts: WorkerParts): Handlers {
  const { network, networkHash, platform, loadExecutions } = parts
  const label = { role: 'worker', networkHash } as const
  let executions: Executions | undefined
  let identity: Identity | undefined

  const info = (): Info =>
    infoOf(parts, {
      role: 'worker',
      signer: identity?.signer ?? null,
      inputKeys: identity?.inputKeys.map(({ publicKey }) => publicKey) ?? [],
      beaconKey: null,
    })

  return {
    info,
    attest: async (request) => {
      const next = await (identity ?? Identity.born(platform)).withNewInputKey(platform)
      const keys = { signer: next.signer, inputKey: next.newestInputKey }
      const quote = await platform.quote(workerReportData({ networkHash, ...request, ...keys }))
      const sealed = canSeal(platform) ? await seal(platform, label, next.toSecret()) : null
      identity = next
      return { ...keys, quote, sealed }
    },
    restore: async ({ sealed }) => {
      if (!canSeal(platform)) throw new CoreError('NO_SEALING_KEY')
      if (identity) throw new CoreError('HAS_IDENTITY')
      identity = await Identity.fromSecret(await unseal(platform, label, sealed))
      return info()
    },
    execute: async (request): Promise<Step> => {
      if (!identity) throw new CoreError('NO_IDENTITY')
      executions ??= new (await loadExecutions()).Executions(network)
      return executions.begin(request, identity)
    },
    state: ({ execution, ...proof }) => {
      if (!executions) throw new CoreError('UNKNOWN_EXECUTION')
      return executions.resume(execution, proof)
    },
  }
}
