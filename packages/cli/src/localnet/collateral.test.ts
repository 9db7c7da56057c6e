import { expect, test } from 'vitest'
import { type HeldPart, healthOf } from './collateral.ts'

const NOW = 1_790_000_000
const parts = (untils: Partial<Record<HeldPart['name'], number>>): HeldPart[] =>
  (['rootCrl', 'pckCa', 'pckCrl', 'tcbSigner', 'tcbInfo', 'qeIdentity'] as const).map((name) => ({
    name,
    validUntil: untils[name] ?? NOW + 1_000,
  }))

test('the collateral is as good as its worst part, up to and including its last second', () => {
  expect(healthOf(parts({ pckCrl: NOW + 10 }), NOW)).toEqual({ name: 'pckCrl', validUntil: NOW + 10, state: 'good' })
  expect(healthOf(parts({ tcbInfo: NOW }), NOW)).toMatchObject({ name: 'tcbInfo', state: 'good' })
  expect(healthOf(parts({ tcbInfo: NOW - 1 }), NOW)).toMatchObject({ name: 'tcbInfo', state: 'expired' })
  expect(healthOf(parts({ tcbInfo: NOW - 1, qeIdentity: 0 }), NOW)).toMatchObject({
    name: 'qeIdentity',
    state: 'missing',
  })
})
