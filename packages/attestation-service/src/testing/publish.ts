/** The keeper of a test's chain: has it hold what the simulated hardware's maker issues now. */
import { simulatedKind } from '@enigma/attestation/simulated'
import { type Clock, Secret, silentLogger } from '@enigma/process'
import type { Address, Hex } from '@enigma/protocol'
import { syncCollateral } from '../keeper/sync.ts'
import { createMemoryCache } from '../memory-cache.ts'
import { type SimulatedPcs, startSimulatedPcs } from '../simulated-pcs.ts'

/** Levels, revoked platforms, fields of the documents that are to read otherwise than as first issued. */
export type Issued = Parameters<SimulatedPcs['change']>[0]

type Where = { rpcUrl: string; verifier: Address; key: Hex }

const KINDS = { fmspcs: [simulatedKind.fmspc], cas: ['platform'] } as const

/** Returns once all of it is on chain. The clock dates what is issued; its `sleep` may mine, since a wait is one for a block. */
export async function publishCollateral(
  { rpcUrl, verifier, key }: Where,
  clock: Clock,
  issued?: Issued,
): Promise<void> {
  const pcs = await startSimulatedPcs({}, { clock })
  const parts = { clock, log: silentLogger }
  const source = { url: pcs.url, signal: new AbortController().signal }
  try {
    if (issued) pcs.change(issued)
    const synced = await syncCollateral(
      { rpcUrl, verifier, key: new Secret(key), kinds: KINDS },
      { cacheFor: (trustRoot) => createMemoryCache({ ...source, trustRoot }, parts), ...parts },
    )
    const missing = synced.filter(({ state }) => state !== 'set' && state !== 'current')
    if (missing.length > 0) throw new Error(`not on chain: ${missing.map(({ label, code }) => `${label} ${code}`)}`)
  } finally {
    await pcs.stop()
  }
}
