/**
 * Writes the vector files that hold every implementation, Solidity's included, to the same bytes.
 *
 *   node packages/protocol/vectors/generate.ts            writes them
 *   node packages/protocol/vectors/generate.ts --check    exits with 1 if a file differs from what the code makes
 *
 * That the code is right is not shown here but by its tests, against viem, @hpke/core and RFC 9180's own vectors.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { batchVectors } from './cases/batch.ts'
import { drandVectors } from './cases/drand.ts'
import { envelopeVectors } from './cases/envelope.ts'
import { headDigestVectors } from './cases/fresh-head.ts'
import { grantVectors } from './cases/grant.ts'
import { laneVectors, networkHashVectors, reportDataVectors } from './cases/identity.ts'
import { keyMessageVectors } from './cases/key-messages.ts'
import { keyRegistryVectors } from './cases/key-registry.ts'
import { networkSecretVectors } from './cases/network-secret.ts'
import { headerDigestVectors } from './cases/observed-header.ts'
import { privateCallVectors } from './cases/private-call.ts'
import { fallbackSeedVectors, seedVectors } from './cases/seed.ts'
import { workerSelectionVectors } from './cases/selection.ts'
import { receiptVectors, taskIdVectors } from './cases/task.ts'
import { epochWordVectors, seatWordVectors, slotWordVectors } from './cases/words.ts'

export type Value = string | boolean | readonly string[]
/** Flat, so that Foundry's `vm.parseJson*` can read it; the index signature keeps nested values out. */
export type Case = { readonly [field: string]: Value }
export type VectorFile = { comment: string; cases: readonly Case[]; failures: readonly Case[] } & {
  readonly [section: string]: string | readonly Case[]
}

const FILES: Record<string, () => VectorFile | Promise<VectorFile>> = {
  'batch.json': batchVectors,
  'drand.json': drandVectors,
  'envelope.json': envelopeVectors,
  'epoch-word.json': epochWordVectors,
  'fallback-seed.json': fallbackSeedVectors,
  'grant.json': grantVectors,
  'head-digest.json': headDigestVectors,
  'header-digest.json': headerDigestVectors,
  'key-messages.json': keyMessageVectors,
  'key-registry.json': keyRegistryVectors,
  'lane.json': laneVectors,
  'network-hash.json': networkHashVectors,
  'network-secret.json': networkSecretVectors,
  'private-call.json': privateCallVectors,
  'receipt.json': receiptVectors,
  'report-data.json': reportDataVectors,
  'seat-word.json': seatWordVectors,
  'seed.json': seedVectors,
  'slot-word.json': slotWordVectors,
  'task-id.json': taskIdVectors,
  'worker-selection.json': workerSelectionVectors,
}

/** Names of the files that are not what the code makes; writes them first if asked to. */
export async function staleVectors({ write }: { write: boolean }): Promise<string[]> {
  const stale: string[] = []
  for (const [name, build] of Object.entries(FILES)) {
    const file = new URL(name, import.meta.url)
    const text = `${JSON.stringify(await build(), null, 1)}\n`
    if (write) writeFileSync(file, text)
    if (readFileSync(file, 'utf8') !== text) stale.push(name)
  }
  return stale
}

if (import.meta.main) {
  const stale = await staleVectors({ write: !process.argv.includes('--check') })
  for (const name of stale) console.error(`packages/protocol/vectors/${name} is not what the code makes.`)
  process.exitCode = stale.length > 0 ? 1 : 0
}
