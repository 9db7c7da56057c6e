/** How fast Core's EVM is beside others, what it costs to begin, and what proven state costs. */
import { statSync } from 'node:fs'
import { measureColdStart, measureCoreMemory } from './evm/cold.ts'
import { measureProofs } from './evm/proofs.ts'
import { measureThroughput } from './evm/throughput.ts'
import type { Figure } from './figure.ts'

export async function measureEvm(progress: (line: string) => void): Promise<Figure[]> {
  return [
    ...(await measureThroughput(progress)),
    ...(await measureColdStart(progress)),
    ...measureProofs(progress),
    ...(await measureCoreMemory(progress)),
    {
      name: 'evm.wasm',
      value: Math.round(statSync('packages/evm/evm.wasm').size / 100) / 10,
      unit: 'kB',
      target: 40,
      better: 'lower',
    },
  ]
}
