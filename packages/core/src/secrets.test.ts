import { commitmentOf, type RegistryState } from '@enigma/protocol'
import { describe, expect, test } from 'vitest'
import { Secrets } from './secrets.ts'
import { NETWORK } from './testing/world.ts'

const secret = (n: number) => new Uint8Array(32).fill(n)
const commitment = (n: number, generation: number) => commitmentOf(secret(n), NETWORK, generation)
const held = (...entries: [generation: number, n: number][]) =>
  entries.reduce((secrets, [generation, n]) => secrets.with(generation, secret(n)), new Secrets(NETWORK))
const known = (state: Partial<RegistryState>, commitments: Record<number, number>) => ({
  state: { generation: 0, minGeneration: 0, openGeneration: 1, isFrozen: false, heldMask: 0, rotatedMask: 0, ...state },
  knownCommitment: (generation: number) => {
    const n = commitments[generation]
    return n === undefined ? undefined : commitment(n, generation)
  },
})

describe('secrets', () => {
  test('are found by what the chain knows them by, and by nothing else', () => {
    const secrets = held([1, 1], [2, 2])
    expect(secrets.committed(commitment(2, 2))).toEqual(secret(2))
    expect(() => secrets.committed(commitment(2, 1))).toThrow(expect.objectContaining({ code: 'NO_SECRET' }))
    expect(secrets.generations).toEqual([1, 2])
  })

  test('go for a task by their generation: the one that the chain named last', () => {
    const secrets = held([1, 1], [1, 2])
    expect(secrets.byGeneration.get(1)).toEqual(secret(2))
    expect(secrets.under(known({}, { 1: 1 })).byGeneration.get(1)).toEqual(secret(1))
  })

  test('are kept while a generation is open, whoever committed', () => {
    expect(held([1, 1], [1, 2]).under(known({}, { 1: 9 })).commitments).toHaveLength(2)
  })

  test('are forgotten where another commitment became final, and only where that was proven', () => {
    const secrets = held([1, 1], [1, 2], [2, 3])
    const final = { generation: 2, minGeneration: 1, openGeneration: 2 }
    expect(secrets.under(known(final, { 1: 2 })).commitments).toEqual([commitment(3, 2), commitment(2, 1)])
    expect(secrets.under(known(final, { 1: 9, 2: 9 })).commitments).toEqual([])
  })

  test('are forgotten below the least generation', () => {
    const state = { generation: 3, minGeneration: 2, openGeneration: 3 }
    expect(held([1, 1], [2, 2], [3, 3]).under(known(state, {})).generations).toEqual([2, 3])
  })

  test('have four candidates of a generation at most: the oldest one goes', () => {
    const secrets = held([1, 1], [1, 2], [1, 3], [1, 4], [1, 5], [1, 4])
    expect(secrets.commitments).toEqual([2, 3, 5, 4].map((n) => commitment(n, 1)))
  })

  test('are bounded, and none makes room for one of another generation', () => {
    const full = Array.from({ length: 72 }, (_, index) => [index + 1, 1] as [number, number])
    const secrets = held(...full)
    expect(() => secrets.with(73, secret(1))).toThrow(expect.objectContaining({ code: 'TOO_MANY_GENERATIONS' }))
    expect(secrets.with(72, secret(1)).generations).toHaveLength(72)
  })

  test('come back from bytes as they were', () => {
    const secrets = held([1, 1], [2 ** 32 - 1, 2], [2, 3])
    const back = Secrets.fromBytes(secrets.toBytes(), NETWORK)
    expect(back.commitments).toEqual(secrets.commitments)
    expect(back.byGeneration).toEqual(secrets.byGeneration)
    const refused = expect.objectContaining({ code: 'SEALED_DOES_NOT_OPEN' })
    expect(() => Secrets.fromBytes(secrets.toBytes().slice(1), NETWORK)).toThrow(refused)
  })
})
