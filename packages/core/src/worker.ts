/** What does a worker's Core answer? Who it is, how tasks end that are sealed to it, and the network secret's affairs. */
import { workerReportData } from '@enigma/protocol'
import type { Info, Step } from './calls.ts'
import { CoreError } from './errors.ts'
import type { Executions } from './executions.ts'
import { generationCalls } from './generations.ts'
import { donorCalls } from './handoff-donor.ts'
import { joinerCalls } from './handoff-joiner.ts'
import { Identity } from './identity.ts'
import { Keyring } from './keyring.ts'
import { Receipts } from './receipts.ts'
import { type Handlers, infoOf, type RoleParts } from './role.ts'

export type WorkerParts = RoleParts & {
  /** Loaded at the first task: to start and to attest, Core needs no EVM. */
  loadExecutions: () => Promise<typeof import('./executions.ts')>
}

export function createWorker(parts: WorkerParts): Handlers {
  const { network, networkHash, platform, loadExecutions } = parts
  const keyring = new Keyring(parts)
  const receipts = new Receipts(network)
  let executions: Executions | undefined

  const info = (): Info => {
    const { bornIdentity, secrets } = keyring
    return infoOf(parts, {
      role: 'worker',
      signer: bornIdentity?.signer ?? null,
      inputKeys: bornIdentity?.inputKeys.map(({ publicKey }) => publicKey) ?? [],
      generations: secrets.generations,
      commitments: secrets.commitments,
      beaconKey: null,
    })
  }

  return {
    info,
    attest: async (request) => {
      const identity = await (keyring.bornIdentity ?? Identity.born(platform)).withNewInputKey(platform)
      const keys = { signer: identity.signer, inputKey: identity.newestInputKey }
      const quote = await platform.quote(workerReportData({ networkHash, ...request, ...keys }))
      return { ...keys, quote, sealed: await keyring.keep({ identity }) }
    },
    restore: async ({ sealed }) => {
      await keyring.restore(sealed)
      return info()
    },
    execute: async (request): Promise<Step> => {
      const { identity, secrets } = keyring
      executions ??= new (await loadExecutions()).Executions(network, receipts)
      return executions.begin(request, identity, secrets)
    },
    state: ({ execution, ...proof }) => {
      if (!executions) throw new CoreError('UNKNOWN_EXECUTION')
      return executions.resume(execution, proof)
    },
    batch: ({ receipts: hashes }) => receipts.signBatch(keyring.identity, hashes),
    ...generationCalls(parts, keyring),
    ...joinerCalls(parts, keyring),
    ...donorCalls(parts, keyring),
  }
}
