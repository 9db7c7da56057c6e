import { describe, expect, test } from 'vitest'
import { EXAMPLES } from '../examples.ts'
import { readCall } from './call-arguments.ts'

const loanAbi = EXAMPLES.loan.abi
const TERMS = `0x${'ab'.repeat(32)}`

describe('a call on the command line', () => {
  test('is read by the ABI: structs and lists as JSON, large numbers as strings', () => {
    const history = '[{"amount":350,"daysLate":12},["9007199254740993",0]]'
    const { functionName, args } = readCall(loanAbi, 'score', ['4200', '0x10', history, TERMS])
    expect(functionName).toBe('score')
    expect(args).toEqual([
      4_200n,
      16n,
      [
        { amount: 350n, daysLate: 12n },
        { amount: 9_007_199_254_740_993n, daysLate: 0n },
      ],
      TERMS,
    ])
  })

  test('is read by its signature, with names and results or without', () => {
    const read = (signature: string, ...words: string[]) => readCall([], signature, words).args
    expect(read('f()')).toEqual([])
    expect(read('f(int8,bool,string)', '-5', 'true', 'a b')).toEqual([-5n, true, 'a b'])
    expect(read('function f((uint8 a, bytes b)[2] x) returns (bool)', '[{"a":1,"b":"0x"},[2,"0x01"]]')).toEqual([
      [
        { a: 1n, b: '0x' },
        { a: 2n, b: '0x01' },
      ],
    ])
    expect(read('f((uint8,bool))', '[1,false]')).toEqual([[1n, false]])
  })

  test('takes one of several functions of a name by its signature, and keeps the errors', () => {
    const f = (type: string) =>
      ({ type: 'function', name: 'f', inputs: [{ type, name: '' }], outputs: [], stateMutability: 'view' }) as const
    const never = { type: 'error', name: 'Never', inputs: [] } as const
    const { abi } = readCall([f('uint256'), f('bool'), never], 'f(bool)', ['true'])
    expect(abi).toEqual([f('bool'), never])
  })

  test.each([
    ['f(uint8)', '1.5'],
    ['f(uint8)', '1e3'],
    ['f(uint8)', ''],
    ['f(bool)', 'yes'],
    ['f(uint8[])', '7'],
    ['f(uint8[])', '[1'],
    ['f(uint8[])', '[9007199254740993]'],
    ['f(string[])', '[7]'],
    ['f((uint8 a) x)', '7'],
    ['f((uint8 a) x)', '{"b":1}'],
  ])('%s refuses %j', (signature, word) => {
    expect(() => readCall([], signature, [word])).toThrow(expect.objectContaining({ code: 'USAGE' }))
  })
})
