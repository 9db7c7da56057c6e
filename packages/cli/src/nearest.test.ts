import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'

const WORDS = ['up', 'down', 'status', 'worker start', 'worker status', 'task show']

test.each([
  ['stauts', 'status'],
  ['dwon', 'down'],
  ['worker sart', 'worker start'],
  ['task shwo', 'task show'],
])('a slip of the fingers, %s, finds %s', (given, expected) => {
  expect(nearest(given, WORDS)).toBe(expected)
})

test('a word that resembles none finds none', () => {
  expect(nearest('deploy', WORDS)).toBeUndefined()
})
