import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseStrictJson } from './strict-json.ts'

describe('parseStrictJson', () => {
  test('reads what JSON.parse reads', () => {
    const value = fc.jsonValue({ maxDepth: 6 })
    fc.assert(
      fc.property(value, fc.nat({ max: 3 }), (json, indent) => {
        const text = JSON.stringify(json, null, indent)
        expect(parseStrictJson(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  test.each([
    ['one name twice', '{"a":1,"a":2}'],
    ['one name twice, spelt in two ways', '{"a":1,"\\u0061" : 2}'],
    ['one name twice, deep inside', '[{"b":{"a":1,"c":[],"a":2}}]'],
    ['one name twice behind an escaped quote', '{"x":"\\"","a":1,"a":2}'],
    ['a nesting without end', `${'['.repeat(60_000)}${']'.repeat(60_000)}`],
    ['a trailing comma', '{"a":1,}'],
    ['nothing', ''],
  ])('refuses %s', (_what, text) => {
    expect(() => parseStrictJson(text)).toThrow(SyntaxError)
  })

  test('takes one name in two objects, brackets in text, and long text', () => {
    const text = `[{"a":"{\\"a\\":["},{"a":"${'\\\\x'.repeat(40_000)}"}]`
    expect(parseStrictJson(text)).toEqual(JSON.parse(text))
  })
})
