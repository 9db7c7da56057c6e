import { enigmaAbi as contractAbi, enigmaDappAbi, keyRegistryAbi } from '@enigma/contracts'
import { expect, test } from 'vitest'
import { dAppAbi, enigmaAbi } from './enigma-abi.ts'
import { registryAbi } from './key-registry.ts'

test.each([
  ['Enigma', enigmaAbi, contractAbi],
  ['a dApp', dAppAbi, enigmaDappAbi],
  ['its key registry', registryAbi, keyRegistryAbi],
] as const)('what a client knows of %s is what the contract says of itself', (_, own, whole) => {
  const known = whole.map(textOf)
  for (const item of own) expect(known).toContain(textOf(item))
})

/** Keys in order; without empty names and flags that are not set, which `parseAbi` leaves out. */
function textOf(item: unknown): string {
  return JSON.stringify(item, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    const entries = Object.entries(value).filter(([, it]) => it !== '' && it !== false)
    return Object.fromEntries(entries.toSorted(([a], [b]) => a.localeCompare(b)))
  })
}
