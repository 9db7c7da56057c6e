import { expect, test } from 'vitest'
import { orNull, RefusedInput, wordAt } from './input.ts'

test('an input that is refused answers null, a defect is thrown on: it must not pass for the precompile’s own answer', () => {
  const refuse = () => {
    throw new RefusedInput()
  }
  const fail = () => {
    throw new RangeError('a defect')
  }
  expect(orNull(refuse)(new Uint8Array())).toBeNull()
  expect(() => orNull(fail)(new Uint8Array())).toThrow(RangeError)
})

test('what lies past the end of an input are zeros', () => {
  expect(wordAt(Uint8Array.of(1, 2), 1)).toBe(2n << 248n)
  expect(wordAt(Uint8Array.of(1), 64)).toBe(0n)
})
