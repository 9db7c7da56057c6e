import { describe, expect, test } from 'vitest'
import { parsePolicy } from './parse-policy.ts'
import { defaultPolicy } from './policy.ts'

const taken = { code: 'POLICY_FORMAT' }
const whole = {
  tcbStatuses: ['UpToDate', 'OutOfDate'],
  advisoryIds: ['INTEL-SA-00615'],
  minTcbEvaluationDataNumber: 17,
  measurements: [`0x${'AB'.repeat(32)}`, `0x${'cd'.repeat(48)}`],
  mrSigners: [`0x${'01'.repeat(32)}`],
  isvProdId: 1,
  minIsvSvn: 2,
  reportData: `0x${'07'.repeat(64)}`,
  deniedFmspcs: ['0x00606A000000'],
  deniedPlatformIds: [`0x${'09'.repeat(16)}`],
}

describe('parsePolicy', () => {
  test('reads every field, bytes in any case of hex', () => {
    expect(parsePolicy(JSON.parse(JSON.stringify(defaultPolicy)))).toEqual(defaultPolicy)
    expect(parsePolicy(whole)).toEqual({
      ...whole,
      measurements: [`0x${'ab'.repeat(32)}`, `0x${'cd'.repeat(48)}`],
      reportData: new Uint8Array(64).fill(7),
      deniedFmspcs: ['0x00606a000000'],
    })
  })

  test.each([
    ['no object', []],
    ['no statuses', { advisoryIds: [] }],
    ['no advisories', { tcbStatuses: [] }],
    ['a misspelt field', { ...whole, measurement: [] }],
    ['a status that nobody assigns', { ...whole, tcbStatuses: ['uptodate'] }],
    ['the status Revoked, which no policy can accept', { ...whole, tcbStatuses: ['Revoked'] }],
    ['a measurement of another length', { ...whole, measurements: ['0x00'] }],
    ['a FMSPC without prefix', { ...whole, deniedFmspcs: ['00606a000000'] }],
    ['a version that is text', { ...whole, minIsvSvn: '2' }],
    ['a version of half', { ...whole, minIsvSvn: 0.5 }],
  ])('refuses %s', (_what, json) => {
    expect(() => parsePolicy(json)).toThrow(expect.objectContaining(taken))
  })

  test('names every mistake at once', () => {
    const json = { tcbStatuses: 1, advisoryIds: 2, isvProdId: 3.5, minIsvSvn: -1, mrSigners: ['x'] }
    for (const field of Object.keys(json)) expect(() => parsePolicy(json)).toThrow(field)
  })
})
