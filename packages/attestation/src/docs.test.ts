import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { codes } from './codes.ts'
import { defaultPolicy } from './policy.ts'

const page = readFileSync(new URL('../../../docs/protocol/attestation.md', import.meta.url), 'utf8')

describe('docs/protocol/attestation.md', () => {
  test('lists every code with its meaning, in the order of the checks', () => {
    const rows = [...page.matchAll(/^\| `([A-Z0-9_]+)` \| ([^|]+) \|$/gm)].map(([, code, meaning]) => [code, meaning])
    expect(rows).toEqual(Object.entries(codes))
  })

  test('states the default policy', () => {
    expect(page).toContain(`| ${defaultPolicy.tcbStatuses.join(', ')} |`)
    expect(page).toContain(`| ${defaultPolicy.advisoryIds.join(', ')} |`)
  })
})
