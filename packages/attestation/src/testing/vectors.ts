/** Real quotes with their collateral, where a machine has them: they are other people's and not in this repository. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseCollateral } from '../collateral.ts'

export type Vector = {
  name: string
  dir: string
  trustRoot: string
  verifyAt: number
  debug?: boolean
  expected: {
    accept: boolean
    status?: string
    error?: string
    advisoryIds?: string[]
    fmspc?: string
    tcbEvaluationDataNumber?: number
    validFrom?: string
    validUntil?: string
  }
}

const folder = process.env.ENIGMA_VECTORS ?? fileURLToPath(new URL('../../../../../shared/vectors', import.meta.url))
const manifest = `${folder}/dcap/manifest.json`

/** Empty where there are none; a test says so. */
export const vectors: readonly Vector[] = existsSync(manifest)
  ? (JSON.parse(readFileSync(manifest, 'utf8')) as { vectors: Vector[] }).vectors
  : []

export const whereVectorsBelong = `ENIGMA_VECTORS=<folder with dcap/manifest.json>, not found at ${folder}`

export function loadVector({ dir, trustRoot }: Vector) {
  const read = (path: string) => new Uint8Array(readFileSync(`${folder}/dcap/${path}`))
  return {
    quote: read(`${dir}/quote.bin`),
    collateral: parseCollateral(JSON.parse(readFileSync(`${folder}/dcap/${dir}/collateral.json`, 'utf8'))),
    trustRoot: read(trustRoot),
  }
}
