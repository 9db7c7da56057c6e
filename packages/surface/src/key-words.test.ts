import { hexToBytes, keyRegistryOf, MAX_GENERATIONS, PRIVATE_CALLS, registrySlot } from '@enigma/protocol'
import { expect, test } from 'vitest'
import { committedOf } from './key-keeper.ts'
import { keyWordsFor } from './key-words.ts'
import { DOMAIN } from './testing/tasks.ts'

const { enigma } = DOMAIN
const address = keyRegistryOf(enigma)
const state = { address, slot: registrySlot.state }
const commitment = (generation: number) => ({ address, slot: registrySlot.commitment(generation) })

test.each(Object.entries(PRIVATE_CALLS))('are the state and the commitments for code that names %s', (_, reserved) => {
  const code = hexToBytes(`0x6000${reserved.slice(2)}00`)
  expect(keyWordsFor(enigma, code, [2, 3])).toEqual([state, commitment(2), commitment(3)])
})

test('are the same for code that is not known yet, and none for code that makes no private call', () => {
  expect(keyWordsFor(enigma, undefined, [1])).toEqual([state, commitment(1)])
  expect(keyWordsFor(enigma, hexToBytes('0x6000'), [1])).toEqual([])
})

test('are the state alone before the network has a secret', () => {
  expect(keyWordsFor(enigma, undefined, [])).toEqual([state])
})

test('are no more than Core looks at, the newest', () => {
  const generations = Array.from({ length: MAX_GENERATIONS + 2 }, (_, index) => index + 1)
  const words = keyWordsFor(enigma, undefined, generations)
  expect(words).toHaveLength(MAX_GENERATIONS + 1)
  expect(words.at(-1)).toEqual(commitment(MAX_GENERATIONS + 2))
})

test('the generations with a commitment are those that Core holds and those that it lacks, in order', () => {
  const status = { block: '9', generation: 2, held: [1, 3], missing: [2], trouble: null }
  expect(committedOf(status)).toEqual([1, 2, 3])
  expect(committedOf(undefined)).toEqual([])
})
