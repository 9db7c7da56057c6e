import fs from 'node:fs'
import { describe, expect, test } from 'vitest'
import { comparison, movedTooFar, RECYCLED } from './compare.ts'

const kept = (name: string) => JSON.parse(fs.readFileSync(`contracts/snapshots/${name}.json`, 'utf8'))
const today = Object.fromEntries(RECYCLED.map((name) => [name, 100_000]))

describe('by the next fork’s rules', () => {
  test('each recycled call that is kept costs what it costs today, within 5 %', () => {
    expect(movedTooFar(kept('gas'), kept('gas-next-fork'))).toEqual([])
  })

  test('all is measured that is measured today', () => {
    expect(Object.keys(kept('gas-next-fork'))).toEqual(Object.keys(kept('gas')))
  })
})

describe('a recycled call', () => {
  test.each([105_000, 95_000])('may cost %i where it costs 100,000', (gas) => {
    expect(movedTooFar(today, { ...today, cancel: gas })).toEqual([])
  })

  test.each([105_001, 94_999, undefined])('may not cost %s', (gas) => {
    const next = { ...today, cancel: gas as number }
    expect(movedTooFar(today, next)).toEqual([
      `cancel: 100000 today, ${gas} by the next fork's rules; at most 5 % apart`,
    ])
  })

  test('is marked in the comparison, and others are not', () => {
    const lines = comparison({ cancel: 100, fresh: 100 }, { cancel: 101, fresh: 300 })
    expect(lines[0]).toMatch(/^cancel +100 +101 +1\.0 % +≤ 5 %$/)
    expect(lines[1]).toMatch(/^fresh +100 +300 +200\.0 %$/)
  })
})
