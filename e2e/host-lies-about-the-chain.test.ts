import { type Hex, hexToBytes, keccak256, signHeader, slotKey } from '@enigma/protocol'
import {
  type Feed,
  feedCore,
  firstOf,
  type HandDriven,
  honestFeed,
  networkOf,
  observedHeader,
  prove,
  settle,
  startNetwork,
  type TestNetwork,
  takeSeatByHand,
} from '@enigma/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ADDITION, addition, ranksFor } from './support/story.ts'

let network: TestNetwork
let worker: HandDriven
/** The same task and its block, from each of which a host may take what he likes. */
let mine: Awaited<ReturnType<typeof requested>>
let other: Awaited<ReturnType<typeof requested>>
beforeAll(async () => {
  // Two seats: whatever is drawn, the one that the test drives has a rank. Windows that no lie outlives.
  network = await startNetwork({
    workers: 1,
    observers: { count: 3, threshold: 2 },
    parameters: { epochBlocks: 600, windowBlocks: 40 },
  })
  worker = await takeSeatByHand(network, 'worker-2')
  await network.chain.nextEpoch()
  await network.chain.nextEpoch()
  await network.workers[0]?.stop()
  mine = await requested('alice')
  other = await requested('bob')
})
afterAll(async () => {
  await worker?.stop()
  await network?.stop()
})

async function requested(requester: string) {
  const dApp = await network.deploy(ADDITION)
  const enigma = network.enigma(requester)
  const workers = await enigma.verifyWorkers({ dApp })
  const task = await enigma.requestTask(await enigma.encrypt({ ...addition(dApp, 100n, 11n), workers }))
  return { task, enigma, dApp, feed: await honestFeed(network, task) }
}

type Lie = (feed: Feed) => Feed | Promise<Feed>
const told =
  (change: Partial<Feed>): Lie =>
  (feed) => ({ ...feed, ...change })
const proven =
  (change: (proof: Feed['proof']) => Partial<Feed['proof']>): Lie =>
  (feed) => ({ ...feed, proof: { ...feed.proof, ...change(feed.proof) } })
const flipped = (bytes: Uint8Array, at: number) => bytes.with(at, (bytes.at(at) as number) ^ 1)
const lastByteFlipped = (bytes: Uint8Array) => flipped(bytes, bytes.length - 1)
/** Returns its arguments, whatever is called. */
const LEAKING_CODE = hexToBytes('0x600436038060045f375ff3')
const OWN_KEY = new Uint8Array(32).fill(7)
const ofMine = () => ({ ...networkOf(network), number: mine.task.createdBlock, hash: keccak256(mine.feed.header) })

/** What a host could say of the chain instead of the truth, and what Core calls it. */
const LIES: readonly (readonly [claim: string, lie: string, code: string, lie: Lie])[] = [
  ['S10', 'a task that nobody asked for', 'BAD_PROOF', (feed) => ({ ...feed, task: { ...feed.task, slot: 7 } })],
  [
    'S10',
    'such a task, with its empty slot proven',
    'NO_TASK',
    async (feed) => {
      const task = { ...feed.task, slot: 7 }
      return { ...feed, task, proof: await prove(network, firstOf(network, task), task.createdBlock) }
    },
  ],
  ['S10', 'a task with another fee', 'NO_TASK', (feed) => ({ ...feed, task: { ...feed.task, feeGwei: 1n } })],
  [
    'S10',
    'an invented slot word',
    'BAD_PROOF',
    proven(({ nodes }) => ({ nodes: nodes.with(-1, lastByteFlipped(nodes.at(-1) as Uint8Array)) })),
  ],
  [
    'S10',
    'a slot of a contract of the host’s own',
    'BAD_PROOF',
    proven(({ slots }) => ({ slots: slots.map(({ slot }) => ({ slot, address: mine.dApp })) })),
  ],
  [
    'S11',
    'storage of another contract for that of the dApp',
    'BAD_PROOF',
    async (feed) => {
      const key = slotKey(feed.task.requester, feed.task.slot)
      const proof = await prove(
        network,
        { accounts: [mine.dApp], slots: [{ address: network.network.enigma, slot: key }] },
        feed.task.createdBlock,
      )
      const slots = [...feed.proof.slots, { address: mine.dApp, slot: key }]
      return {
        ...feed,
        proof: { ...feed.proof, slots, nodes: [...feed.proof.nodes, proof.nodes.at(-1) as Uint8Array] },
      }
    },
  ],
  [
    'S11',
    'a slot that is full, with the proof of one that is empty',
    'BAD_PROOF',
    async (feed) => {
      const slot = { address: network.network.enigma, slot: `0x${'77'.repeat(32)}` as Hex }
      const empty = await prove(network, { accounts: [mine.dApp], slots: [slot] }, feed.task.createdBlock)
      return { ...feed, proof: { ...empty, slots: feed.proof.slots } }
    },
  ],
  ['S11', 'a proof that ends early', 'BAD_PROOF', proven(({ nodes }) => ({ nodes: nodes.slice(0, -1) }))],
  [
    'S11',
    'a proof with a node too many',
    'BAD_PROOF',
    proven(({ nodes }) => ({ nodes: [...nodes, nodes[0] as Uint8Array] })),
  ],
  ['S11', 'a proof in another order', 'BAD_PROOF', proven(({ nodes }) => ({ nodes: nodes.toReversed() }))],
  [
    'S11',
    'an account that is there, as absent',
    'BAD_PROOF',
    proven(({ accounts }) => ({ accounts: accounts.slice(0, -1) })),
  ],
  ['S8', 'leaking code for the dApp’s', 'BAD_PROOF', proven(() => ({ codes: [LEAKING_CODE] }))],
  ['S8', 'no code', 'BAD_PROOF', proven(() => ({ codes: [] }))],
  [
    'S12',
    'the state of a later block',
    'BAD_PROOF',
    async (feed) => ({ ...feed, proof: await prove(network, firstOf(network, feed.task), other.task.createdBlock) }),
  ],
  [
    'S12',
    'a later block, observed and proven',
    'BAD_HEADER',
    async (feed) => ({
      ...feed,
      ...(await observedHeader(network, other.task.createdBlock)),
      proof: await prove(network, firstOf(network, feed.task), other.task.createdBlock),
    }),
  ],
  ['S12', 'a header that nobody signed', 'NOT_OBSERVED', told({ signatures: [] })],
  [
    'S12',
    'a header with a state root of the host’s own',
    'NOT_OBSERVED',
    (feed) => ({ ...feed, header: flipped(feed.header, 3 + 33 + 33 + 21 + 5) }),
  ],
  ['S12', 'bytes that are no header', 'BAD_HEADER', (feed) => ({ ...feed, header: feed.header.subarray(1) })],
  [
    'S12',
    'the signature of one observer where two are needed',
    'NOT_OBSERVED',
    (feed) => ({ ...feed, signatures: feed.signatures.slice(0, 1) }),
  ],
  [
    'S12',
    'the same observer’s signature twice',
    'NOT_OBSERVED',
    (feed) => ({ ...feed, signatures: [feed.signatures[0], feed.signatures[0]] as Feed['signatures'] }),
  ],
  [
    'S12',
    'signatures over another block',
    'NOT_OBSERVED',
    async (feed) => ({ ...feed, signatures: (await observedHeader(network, other.task.createdBlock)).signatures }),
  ],
  [
    'S25',
    'signatures of observers of the host’s own',
    'NOT_OBSERVED',
    (feed) => ({ ...feed, signatures: [1, 2].map((seed) => signHeader(new Uint8Array(32).fill(seed), ofMine())) }),
  ],
  [
    'S25',
    'one observer’s signature, and one of the host’s own',
    'NOT_OBSERVED',
    (feed) => ({ ...feed, signatures: [...feed.signatures.slice(0, 1), signHeader(OWN_KEY, ofMine())] }),
  ],
]

describe('S8, S10, S11, S12 and S25: a host that lies to his Core about the chain', () => {
  test.each(LIES)('%s: with %s: Core refuses, and opens nothing', async (_claim, _lie, code, lie) => {
    await expect(feedCore(network, worker.core, await lie(mine.feed))).rejects.toMatchObject({ code })
  })

  test('tells the truth in the end, and the very same task is settled', async () => {
    const { task, feed, enigma, dApp } = mine
    const receipt = await feedCore(network, worker.core, feed)
    expect(receipt).toMatchObject({ taskId: task.taskId, status: 0 })
    const rank = (await ranksFor(network, dApp, 2)).indexOf(worker.seat)
    await network.chain.mine(rank * network.parameters.windowBlocks)
    await settle(network, { task: task.task, rank, ...receipt })
    expect(await enigma.waitForResult(task)).toBe(111n)
  })
})
