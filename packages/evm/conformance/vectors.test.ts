import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { createMachineEngine } from '../src/testing/machine-engine.ts'
import { filesUnder } from './fixtures.ts'
import { runFiles } from './tally.ts'
import { suites, whereVectorsBelong } from './testing/vectors.ts'

describe('official tests', () => {
  if (suites.length === 0) test.skip(`are not on this machine: ${whereVectorsBelong}`, () => {})

  test.each(suites.map((folder) => [path.basename(folder), folder] as const))('%s: all pass', async (_, folder) => {
    const { passed, failures, skips } = await runFiles(filesUnder([folder]), await createMachineEngine())
    expect(failures).toEqual([])
    const skipped = [...skips.values()].reduce((sum, count) => sum + count, 0)
    expect(passed).toBeGreaterThan(0)
    expect(skipped / (passed + skipped)).toBeLessThan(0.03)
  })
})
