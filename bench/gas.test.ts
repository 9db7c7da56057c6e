import { describe, expect, test } from 'vitest'
import { type Gas, gasFigures, notMeasured } from './gas.ts'

const MEASURED: Gas = {
  'requestTask, recycled slot': 42_000,
  'settle, callback updates a slot': 58_000,
  'something without a target': 1,
}

describe('the gas table', () => {
  test('leaves out what the snapshot does not have, and names it', () => {
    const names = gasFigures(MEASURED).map(({ name }) => name)
    expect(names.slice(0, 2)).toEqual(['requestTask, recycled slot', 'settle, callback updates a slot'])
    expect(names).not.toContain('slash')
    expect(notMeasured(MEASURED)).toContain('slash')
    expect(notMeasured(MEASURED)).not.toContain('requestTask, recycled slot')
  })

  test('says of every figure either what is demanded of it or whose it is', () => {
    for (const figure of gasFigures(MEASURED)) {
      const isOurs = figure.target !== null || figure.unit === '×'
      expect(figure.source === undefined, figure.name).toBe(isOurs)
    }
  })

  test('compares the whole life of a task with the original’s', () => {
    const life = gasFigures(MEASURED).find(({ unit }) => unit === '×')
    expect(life?.value).toBe(6.73)
    expect(gasFigures({}).some(({ unit }) => unit === '×')).toBe(false)
  })
})
