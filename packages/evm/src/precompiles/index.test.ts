import type { Address } from '@enigma/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { answerOf, at } from '../testing/precompile-answers.ts'
import { referencePrecompiles } from '../testing/reference-precompiles.ts'
import type { Fork } from '../types.ts'
import { precompileAt } from './index.ts'

const FORKS: readonly Fork[] = ['cancun', 'prague', 'osaka']
const KZG = at(0x0a)

describe.each(FORKS)('under the rules of %s', (fork) => {
  test('stand exactly those that the reference has, and no other', async () => {
    const { addresses } = await referencePrecompiles(fork)
    const near = Array.from({ length: 0x120 }, (_, i) => at(i))
    expect(near.filter((address) => precompileAt(address, fork))).toEqual([...addresses].sort())
  })

  test('S19: whatever the bytes are, each answers what the reference does, at its price, and none throws', async () => {
    const { addresses, call } = await referencePrecompiles(fork)
    const comparable = addresses.filter((address) => address !== KZG)
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...comparable), fc.uint8Array({ maxLength: 400 }), async (address, bytes) => {
        expect(answerOf(address, fork, bytes)).toEqual(await call(address, bytes))
      }),
      { numRuns: 300, examples: comparable.map((address): [Address, Uint8Array] => [address, new Uint8Array()]) },
    )
  })

  test('every input of zeros is answered as the reference does', async () => {
    const { addresses, call } = await referencePrecompiles(fork)
    for (const address of addresses.filter((address) => address !== KZG))
      for (const length of [1, 32, 64, 96, 128, 160, 192, 213, 256, 288, 384, 512]) {
        const zeros = new Uint8Array(length)
        expect([address, length, answerOf(address, fork, zeros)]).toEqual([address, length, await call(address, zeros)])
      }
  })
})

test('answers with bytes of its own: what a caller does to them changes no other answer', () => {
  for (const number of [0x02, 0x03, 0x04, 0x06, 0x08]) {
    const precompile = precompileAt(at(number), 'osaka')
    const input = new Uint8Array(192)
    const before = precompile?.run(input)?.slice()
    precompile?.run(input)?.fill(0xff)
    expect(input).toEqual(new Uint8Array(192))
    expect(precompile?.run(input)).toEqual(before)
  }
})
