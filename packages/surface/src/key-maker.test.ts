import { type Block, openDatabase, openValues, VALUES_SCHEMA, type Values } from '@enigma/process'
import type { Hex } from '@enigma/protocol'
import { beforeEach, expect, test } from 'vitest'
import type { DueOf } from './key-dues.ts'
import type { Look, Wanted } from './key-look.ts'
import { createKeyMaker } from './key-maker.ts'
import type { Committed } from './key-registry.ts'
import { registryCalls } from './key-registry.ts'
import { addressOf, hashOf } from './testing/tasks.ts'

const FINAL = { generation: 1, minGeneration: 1, openGeneration: 1, isFrozen: false, heldMask: 1, rotatedMask: 0 }
const signature = { r: hashOf(1), vs: hashOf(2) }
/** In the order in which they happened. */
let did: string[]
let data: (Hex | undefined)[]
let held: Set<Hex>
let values: Values
let made: number
/** Where the turns were counted from. */
let firsts: number[]

beforeEach(() => {
  did = []
  data = []
  held = new Set()
  made = 0
  firsts = []
  values = openValues(openDatabase(':memory:', [VALUES_SCHEMA]))
})

const core = {
  async commit() {
    did.push('commit')
    const commitment = hashOf(0xc0 + made++)
    held.add(commitment)
    return { commitment, networkSigner: addressOf(7), ...signature, sealed: new Uint8Array([made]) }
  },
  async hold() {
    did.push('hold')
    return signature
  },
} as unknown as Look['core']

/** One look of a worker, whose process begins with it; `dies` before anything is sent. */
async function look(over: Partial<Look> & { open?: Committed; dies?: boolean; isLeftAlone?: boolean } = {}) {
  const { open, dies = false, isLeftAlone = false, ...rest } = over
  const wanted: Wanted[] = [{ generation: 1, committed: open }]
  const state = { generation: 0, minGeneration: 0, openGeneration: 1, isFrozen: false, heldMask: 0, rotatedMask: 0 }
  const make = createKeyMaker({
    enigma: addressOf(9),
    values,
    coreHost: { keep: () => void did.push('keep') },
    dues: {
      send: async ({ name, position }: DueOf, act: () => Promise<Hex | undefined>) => {
        expect(position).toBe((firsts.at(-1) ?? Number.NaN) * 10)
        const bytes = await act()
        if (dies) return
        did.push(`send ${name}`)
        data.push(bytes)
      },
    } as never,
    turns: async (_, first) => {
      firsts.push(first)
      return first * 10
    },
    proofs: { observed: async () => ({}), shown: async () => ({}) } as never,
  })
  const head = { number: 100n } as Block
  const facts = { head, epoch: 5, state, wanted, seat: 2, isLive: true, isWaiting: false, heldBy: 0 }
  await make({ ...facts, core, signer: addressOf(3), held, ...rest } as Look, isLeftAlone)
}
const committed = (over: Partial<Committed> = {}): Committed => ({
  commitment: hashOf(0xaa),
  seat: 0,
  epoch: 1,
  ...over,
})

test('S20: what Core made is on disk before anything is sent', async () => {
  await look()
  expect(did).toEqual(['commit', 'keep', 'send commit'])
})

test('S20: a worker that dies in between sends the secret that it made, and makes no other', async () => {
  await look({ dies: true })
  await look()
  await look()
  expect(did.filter((step) => step === 'commit')).toHaveLength(1)
  expect(new Set(data)).toEqual(
    new Set([
      registryCalls.commitGeneration(2, 1, { commitment: hashOf(0xc0), networkSigner: addressOf(7), ...signature }),
    ]),
  )
})

test('S20: a Core that lost it, a new seat and a new generation have another one made', async () => {
  await look()
  held.clear()
  await look()
  await look({ seat: 4 })
  const state = { generation: 1, minGeneration: 1, openGeneration: 2, isFrozen: false, heldMask: 1, rotatedMask: 0 }
  await look({ seat: 4, state, wanted: [{ generation: 2, committed: undefined }] })
  expect(did.filter((step) => step === 'commit')).toHaveLength(4)
})

test.each<[string, Partial<Look> & { open?: Committed; isLeftAlone?: boolean }]>([
  ['a seat that is not live', { isLive: false }],
  ['where nothing is open', { wanted: [] }],
  ['over a commitment of this epoch or the one before', { open: committed({ epoch: 4 }), isLeftAlone: true }],
  ['over an old one, before its maker was asked in vain', { open: committed() }],
  ['over an old one that Core holds', { open: committed(), isLeftAlone: true, held: new Set([hashOf(0xaa)]), seat: 0 }],
  [
    'over one that is final, nor is that confirmed again',
    { state: FINAL, open: committed(), held: new Set([hashOf(0xaa)]) },
  ],
])('no secret is made for %s', async (_, over) => {
  await look(over)
  expect(did).toEqual([])
})

test('S14: while joins are frozen, only who held a generation makes the next one; the first is anybody’s', async () => {
  await look({ state: { ...FINAL, generation: 0, isFrozen: true } })
  expect(did).toContain('send commit')
  did = []
  const state = { generation: 1, minGeneration: 1, openGeneration: 2, isFrozen: true, heldMask: 1, rotatedMask: 0 }
  const wanted = [{ generation: 2, committed: undefined }]
  await look({ state, wanted })
  expect(did).toEqual([])
  await look({ state, wanted, heldBy: 1 })
  expect(did).toContain('send commit')
})

test('nobody who lacks a generation in force makes the next one', async () => {
  const state = { generation: 1, minGeneration: 1, openGeneration: 2, isFrozen: false, heldMask: 1, rotatedMask: 0 }
  await look({
    state,
    wanted: [
      { generation: 1, committed: committed() },
      { generation: 2, committed: undefined },
    ],
  })
  expect(did).toEqual([])
})

test('an old commitment is replaced where its maker was asked in vain, or is our own seat, which lost it', async () => {
  await look({ open: committed(), isLeftAlone: true })
  await look({ open: committed({ seat: 2 }) })
  expect(did.filter((step) => step === 'send commit')).toHaveLength(2)
})

test('another’s secret is confirmed once Core holds it, and one’s own is not', async () => {
  await look({ open: committed({ epoch: 5 }) })
  expect(did).toEqual([])
  held.add(hashOf(0xaa))
  await look({ open: committed({ epoch: 5, seat: 2 }) })
  await look({ open: committed({ epoch: 5 }), isLive: false })
  expect(did).toEqual([])
  await look({ open: committed({ epoch: 5 }) })
  expect(firsts).toEqual([1])
  expect([did, data]).toEqual([['hold', 'send confirm'], [registryCalls.confirmHolder(2, 1, signature)]])
})
