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

  test('has the next fork’s figure beside ours where it was measured', () => {
    const [request, settle] = gasFigures(MEASURED, { 'requestTask, recycled slot': 42_100 })
    expect(request?.nextFork).toBe(42_100)
    expect(settle).not.toHaveProperty('nextFork')
  })

  test('compares the whole life of a task with the original’s', () => {
    const life = gasFigures(MEASURED).find(({ unit }) => unit === '×')
    expect(life).toMatchObject({ name: 'a task’s whole life, original v0.3.0 ÷ ours', value: 6.73 })
    const withInputs = { ...MEASURED, 'requestTask, recycled slot, 512 bytes of inputs': 52_000 }
    const lives = gasFigures(withInputs).filter(({ unit }) => unit === '×')
    expect(lives.map(({ value }) => value)).toEqual([6.73, 1.32, 3.28])
    expect(gasFigures({}).some(({ unit }) => unit === '×')).toBe(false)
  })
})
