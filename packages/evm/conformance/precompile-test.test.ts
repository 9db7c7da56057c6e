import { expect, test } from 'vitest'
import { isPrecompileVectors, type PrecompileVector, precompileCases } from './precompile-test.ts'

const INFINITY = '00'.repeat(128)
const sum: PrecompileVector = { Name: 'bls_g1add_(0+0=0)', Input: INFINITY.repeat(2), Expected: INFINITY, Gas: 375 }
const refused: PrecompileVector = { Name: 'bls_g1add_short', Input: '00', ExpectedError: 'invalid input length' }

async function verdictsOf(file: string, vectors: PrecompileVector[]) {
  const verdicts = []
  for (const { run } of precompileCases(file, vectors)) verdicts.push(await run())
  return verdicts.map((verdict) => ({ why: '', ...verdict }))
}

test('passes an input with its output and price, and the refusal of a bad one', async () => {
  expect(await verdictsOf('any.json', [sum, refused])).toMatchObject([{ kind: 'passed' }, { kind: 'passed' }])
})

test.each([
  ['output', { ...sum, Expected: `01${INFINITY.slice(2)}` }],
  ['price', { ...sum, Gas: 376 }],
  ['refused', { ...sum, Input: '00' }],
  ['answered', { ...refused, Input: INFINITY.repeat(2) }],
])('fails a vector whose %s was altered', async (why, vector) => {
  expect(await verdictsOf('any.json', [vector])).toMatchObject([{ kind: 'failed', why: expect.stringContaining(why) }])
})

test('finds the precompile in the vectors’ names, the file’s or the folder’s', async () => {
  const nameless = { ...sum, Name: '' }
  expect(await verdictsOf('eip-2537/add_G1_bls.json', [nameless])).toMatchObject([{ kind: 'passed' }])
  expect(await verdictsOf('x/fail-add_G1_bls.json', [{ ...refused, Name: '' }])).toMatchObject([{ kind: 'passed' }])
  const p256 = { Name: 'a', Input: '00'.repeat(160), Expected: '', Gas: 6_900 }
  expect(await verdictsOf('eip-7951/test-vectors.json', [p256])).toMatchObject([{ kind: 'passed' }])
  expect(await verdictsOf('a/b.json', [nameless])).toMatchObject([{ kind: 'skipped' }])
})

test('tells vector files by their shape', () => {
  expect(isPrecompileVectors([sum, refused])).toBe(true)
  expect(isPrecompileVectors([{ file: 'a', repo: 'b' }])).toBe(false)
  expect(isPrecompileVectors([])).toBe(false)
  expect(isPrecompileVectors({ sum })).toBe(false)
})
