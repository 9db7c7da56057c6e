/** What the verifier is timed on: quotes of one kind of platform with their collateral. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { trustRoots } from '@enigma/attestation'
import { createSimulatedPki } from '@enigma/attestation/simulated'
import type { Sample } from './page/main.ts'

const VECTORS = process.env.ENIGMA_VECTORS ?? path.resolve(import.meta.dirname, '../../shared/vectors')
const REAL = 'sgx-v3-sw-hardening'
const AT = 1_767_225_600 // the year 2026

/** Quotes of as many simulated machines, all under the same collateral. */
export function simulatedSample(machines: number): Sample {
  const pki = createSimulatedPki({ now: AT })
  const quotes = Array.from({ length: machines }, (_, i) =>
    base64(
      pki.quote({
        platformName: `machine-${i}`,
        measurement: `0x${'11'.repeat(32)}`,
        reportData: new Uint8Array(64).fill(i),
      }),
    ),
  )
  return { quotes, collateral: pki.collateral(), trustRoot: base64(pki.trustRoot.certificate), at: AT }
}

/** A quote of Intel's hardware with Intel's collateral, where this machine has one. */
export function intelSample(): Sample | undefined {
  const folder = path.join(VECTORS, 'dcap')
  if (!existsSync(path.join(folder, 'manifest.json'))) return undefined
  const { vectors } = JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8')) as {
    vectors: { name: string; dir: string; verifyAt: number }[]
  }
  const vector = vectors.find(({ name }) => name === REAL)
  if (!vector) return undefined
  return {
    quotes: [base64(readFileSync(path.join(folder, vector.dir, 'quote.bin')))],
    collateral: JSON.parse(readFileSync(path.join(folder, vector.dir, 'collateral.json'), 'utf8')),
    trustRoot: base64(trustRoots.intel.certificate),
    at: vector.verifyAt,
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
