import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ProblemError, problemOf, problems } from './problem.ts'

const page = readFileSync(new URL('../../../docs/protocol/attestation.md', import.meta.url), 'utf8')

test('docs/protocol/attestation.md lists every code with its status', () => {
  const rows = [...page.matchAll(/^\| ((?:`[A-Z_]+`(?:, )?)+) \| (\d{3}) \|/gm)]
  const listed = rows.flatMap(([, codes = '', status]) =>
    codes.split(', ').map((code) => [code.slice(1, -1), Number(status)]),
  )
  const expected = Object.entries(problems).map(([code, [status]]) => [code, status])
  expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(expected))
})

test('S21: an error that nobody foresaw is named, not described', () => {
  expect(JSON.stringify(problemOf(new TypeError('canary')))).not.toContain('canary')
  expect(problemOf(new TypeError('canary'))).toMatchObject({ status: 500, code: 'INTERNAL' })
})

test('a refusal carries the code behind it', () => {
  const cause = new ProblemError('COLLATERAL_STALE')
  expect(problemOf(new ProblemError('COLLATERAL_REFUSED', { cause }))).toMatchObject({ reason: 'COLLATERAL_STALE' })
})
