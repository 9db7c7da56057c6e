import type { CallParams } from '@enigma/core/calls'
import type { Block } from '@enigma/process'
import type { Hex } from '@enigma/protocol'
import { beforeEach, expect, test } from 'vitest'
import type { DueOf } from './key-dues.ts'
import type { Look } from './key-look.ts'
import { createKeyPublisher } from './key-publisher.ts'
import { type ContractKeyOf, registryCalls } from './key-registry.ts'
import { addressOf, hashOf } from './testing/tasks.ts'

const [FIRST, SECOND, THIRD] = [hashOf(0xc1), hashOf(0xc2), hashOf(0xc3)]
const SIGNATURE = { r: hashOf(1), vs: hashOf(2) }
const ASKED: ContractKeyOf = { dApp: addressOf(4), codeHash: hashOf(5), generation: 1 }

let asked: ContractKeyOf[]
/** Generations whose keys were looked for. */
let lookedFor: (readonly number[])[]
let sent: (Pick<DueOf, 'name' | 'key' | 'position' | 'canWait'> & { data: Hex })[]
let shownToCore: CallParams<'contractKey'>[]
let publish: ReturnType<typeof createKeyPublisher>

beforeEach(() => {
  asked = [ASKED]
  lookedFor = []
  sent = []
  shownToCore = []
  publish = createKeyPublisher({
    enigma: addressOf(9),
    requests: {
      unpublished: async (_, generations) => {
        lookedFor.push(generations)
        return asked
      },
    },
    dues: {
      send: async ({ head: _, ...due }: DueOf, make: () => Promise<Hex>) =>
        void sent.push({ ...due, data: await make() }),
    } as never,
    turns: async (_, first) => first,
    proofs: {
      observed: async () => ({ number: 1n, hash: hashOf(6) }),
      shown: async () => ({ header: new Uint8Array([9]) }),
    } as never,
  })
})

/** Of a worker that holds these, where two generations are final and a third is open. */
function look(held: Hex[], over: Partial<Look> = {}): Promise<void> {
  const core = {
    contractKey: async (params: CallParams<'contractKey'>) => {
      shownToCore.push(params)
      return { publicKey: hashOf(8), ...SIGNATURE }
    },
  } as unknown as Look['core']
  const wanted = [FIRST, SECOND, THIRD].map((commitment, i) => ({
    generation: i + 1,
    committed: { commitment, seat: 0, epoch: 1 },
  }))
  const state = { generation: 2, minGeneration: 1, openGeneration: 3, isFrozen: false }
  const facts = { head: { number: 100n } as Block, epoch: 5, state, wanted, seat: 2, isLive: true, isWaiting: false }
  return publish({ ...facts, core, signer: addressOf(1), heldBy: 1, held: new Set(held), ...over } as Look)
}

test('a key that was asked for is published as Core signed it, at a turn that the code names', async () => {
  await look([FIRST])
  expect(shownToCore).toEqual([{ ...ASKED, header: new Uint8Array([9]) }])
  const data = registryCalls.publishKey(ASKED, { publicKey: hashOf(8), ...SIGNATURE })
  const key = `${ASKED.dApp}:${ASKED.codeHash}:1`
  expect(sent).toEqual([{ name: 'publish', key, position: 0x105, canWait: true, data }])
})

test('keys are looked for in generations that are final and that Core holds', async () => {
  await look([SECOND, THIRD])
  expect(lookedFor).toEqual([[2]])
})

test.each<[string, Hex[], Partial<Look>]>([
  ['by a seat that is not live', [FIRST], { isLive: false }],
  ['by a Core that holds nothing', [], {}],
  ['by a Core that holds what is not final', [THIRD], {}],
])('none is published %s', async (_, held, over) => {
  await look(held, over)
  expect([lookedFor, sent]).toEqual([[], []])
})
