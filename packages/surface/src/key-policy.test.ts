import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultPolicy } from '@enigma/attestation'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readPolicy } from './key-policy.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'policy-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('a policy comes from its file, and without one is the default', () => {
  expect(readPolicy(undefined)).toEqual({ text: JSON.stringify(defaultPolicy), parsed: defaultPolicy })
  const text = JSON.stringify({ ...defaultPolicy, advisoryIds: ['INTEL-SA-00001'] })
  writeFileSync(join(folder, 'policy.json'), text)
  expect(readPolicy(join(folder, 'policy.json'))).toMatchObject({ text, parsed: { advisoryIds: ['INTEL-SA-00001'] } })
})

test.each([
  ['is not there', undefined],
  ['is no JSON', '{'],
  ['is no policy', '{"tcbStatuses":"all"}'],
])('a file that %s is refused at the start, by its name', (_, text) => {
  const file = join(folder, 'policy.json')
  if (text !== undefined) writeFileSync(file, text)
  expect(() => readPolicy(file)).toThrow(
    expect.objectContaining({ code: 'POLICY_FILE', message: expect.stringContaining(file) }),
  )
})
