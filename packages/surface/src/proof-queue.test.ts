import { type Address, bytesToHex, type Hex } from '@enigma/protocol'
import { beforeEach, expect, test } from 'vitest'
import { createProofQueue, type Frame } from './proof-queue.ts'
import type { StateRequest, StateSource } from './state.ts'
import { addressOf, hashOf } from './testing/tasks.ts'

const ANCHOR = { number: 1n, hash: hashOf(1) }
const keyOf = (index: number): Hex => `0x${index.toString(16).padStart(64, '0')}`
const slotsOf = (address: Address, count: number) =>
  Array.from({ length: count }, (_, index) => ({ address, slot: keyOf(index) }))

let asked: StateRequest[]
let node: Pick<StateSource, 'state'>
beforeEach(() => {
  asked = []
  node = {
    /** As deep and as wide as tries get: every slot has eight nodes of its own. */
    state: async (request) => {
      asked.push(request)
      return {
        proofs: request.accounts.map(({ address, slots }) => ({
          address,
          codeHash: `0x${'c'.repeat(24)}${address.slice(2)}` as const,
          accountProof: nodesOf(address),
          storageProof: slots.map((key) => ({ key, proof: nodesOf(`${address}${key.slice(2)}`) })),
        })),
        codes: request.codesOf.map(() => new Uint8Array(24_576).fill(7)),
      }
    },
  }
})

function nodesOf(name: string): Hex[] {
  return Array.from(
    { length: 8 },
    (_, depth) =>
      `0x${name.slice(2).padStart(104, '0')}${depth.toString(16).padStart(2, '0')}${'00'.repeat(479)}` as const,
  )
}

function framesOf(queue: ReturnType<typeof createProofQueue>): Frame[] {
  const frames: Frame[] = []
  while (!queue.isEmpty()) frames.push(queue.next())
  return frames
}

test('everything is handed out once, in order, in frames that fit, accounts before slots in each', async () => {
  const queue = createProofQueue(node, ANCHOR)
  const [one, two] = [addressOf(1), addressOf(2)]
  await queue.fetch({ accounts: [one], slots: slotsOf(one, 300) })
  const first = queue.next()
  // Accounts come while slots still wait.
  await queue.fetch({ accounts: [two], slots: slotsOf(two, 40) })
  const frames = [first, ...framesOf(queue)]
  expect(frames.length).toBeGreaterThan(2)
  for (const { nodes, slots, accounts } of frames) {
    expect(nodes.reduce((sum, node) => sum + 2 * node.length + 5, 0)).toBeLessThan(900_000)
    if (accounts.includes(two)) expect(slots.every(({ address }) => address === two)).toBe(true)
  }
  expect(frames.flatMap(({ accounts }) => accounts)).toEqual([one, two])
  expect(frames.flatMap(({ slots }) => slots)).toEqual([...slotsOf(one, 300), ...slotsOf(two, 40)])
  const wanted = [...nodesOf(one), ...slotsOf(one, 300).flatMap(({ slot }) => nodesOf(`${one}${slot.slice(2)}`))]
  expect(
    frames
      .flatMap(({ nodes }) => nodes)
      .slice(0, wanted.length)
      .map(bytesToHex),
  ).toEqual(wanted)
  expect(queue.bytes()).toBe(
    frames.flatMap(({ nodes, codes }) => [...nodes, ...codes]).reduce((sum, part) => sum + part.length, 0),
  )
})

test('S20: the deepest proofs that a node can make up are handed out too', async () => {
  const deepest = (name: string) =>
    Array.from(
      { length: 65 },
      (_, depth): Hex =>
        `0x${name.slice(2).padStart(128, '0')}${depth.toString(16).padStart(4, '0')}${'00'.repeat(466)}`,
    )
  node.state = async ({ accounts }) => ({
    proofs: accounts.map(({ address, slots }) => ({
      ...{ address, codeHash: hashOf(0), accountProof: deepest(address) },
      storageProof: slots.map((key) => ({ key, proof: deepest(`${address}${key.slice(2)}`) })),
    })),
    codes: [],
  })
  const queue = createProofQueue(node, ANCHOR)
  await queue.fetch({ accounts: [], slots: slotsOf(addressOf(1), 20) })
  for (let frame = 0; frame < 2; frame++) expect(queue.next().nodes.length).toBeGreaterThan(0)
  expect(queue.isEmpty()).toBe(true)
})

test('a frame names no more slots than Core reads, however short their proofs are', async () => {
  const queue = createProofQueue(
    {
      state: async ({ accounts }) => ({
        proofs: accounts.map(({ address, slots }) => ({
          ...{ address, codeHash: hashOf(0), accountProof: [] },
          storageProof: slots.map((key) => ({ key, proof: [] })),
        })),
        codes: [],
      }),
    },
    ANCHOR,
  )
  await queue.fetch({ accounts: [], slots: slotsOf(addressOf(1), 1_500) })
  expect(framesOf(queue).map(({ slots }) => slots.length)).toEqual([1_024, 476])
})

test('one account is asked for in calls of 256 slots, and nothing twice', async () => {
  const queue = createProofQueue(node, ANCHOR)
  const account = addressOf(1)
  expect(await queue.fetch({ accounts: [], slots: slotsOf(account, 300) })).toBe(true)
  expect(await queue.fetch({ accounts: [], slots: slotsOf(account, 299) })).toBe(false)
  expect(asked.map(({ accounts }) => accounts.map(({ slots }) => slots.length))).toEqual([[256, 44]])
  expect(asked[0]?.codesOf).toEqual([])
  // Its code is another matter.
  expect(await queue.fetch({ accounts: [account], slots: [] })).toBe(true)
  expect(asked[1]).toEqual({ accounts: [{ address: account, slots: [] }], codesOf: [account] })
})

test('code is shown once, however many accounts have it, and not fetched where it is known', async () => {
  const known = Uint8Array.of(1, 2, 3)
  const queue = createProofQueue(node, ANCHOR, new Map([[addressOf(1), known]]))
  await queue.fetch({ accounts: [addressOf(1), addressOf(2)], slots: [] })
  expect(asked[0]?.codesOf).toEqual([addressOf(2)])
  expect(queue.next().codes).toEqual([known, new Uint8Array(24_576).fill(7)])
  node.state = async (request) => ({
    proofs: request.accounts.map(({ address }) => ({
      address,
      codeHash: `0x${'c'.repeat(24)}${addressOf(2).slice(2)}`,
      accountProof: [],
      storageProof: [],
    })),
    codes: request.codesOf.map(() => new Uint8Array(24_576).fill(7)),
  })
  await queue.fetch({ accounts: [addressOf(3)], slots: [] })
  expect(queue.next().codes).toEqual([])
})
