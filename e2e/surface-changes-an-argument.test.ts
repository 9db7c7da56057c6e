import { hexToBytes, keccak256 } from '@enigma/protocol'
import {
  type Feed,
  feedCore,
  type HandDriven,
  honestFeed,
  settle,
  startNetwork,
  type TestNetwork,
  takeSeatByHand,
  trySettle,
} from '@enigma/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ADDITION, addition, ranksFor, sumOf } from './support/story.ts'

let network: TestNetwork
let worker: HandDriven
/** What belongs to another task, sealed to the same worker. */
let other: Feed
beforeAll(async () => {
  // An epoch that no test of this file outlives. Two seats: whatever is drawn, the one that the test drives has a rank, and every task is sealed to it.
  network = await startNetwork({ workers: 1, parameters: { epochBlocks: 600 } })
  worker = await takeSeatByHand(network, 'worker-2')
  await network.chain.nextEpoch()
  await network.chain.nextEpoch()
  await network.workers[0]?.stop()
  other = (await requested()).feed
})
afterAll(async () => {
  await worker?.stop()
  await network?.stop()
})

/** A task on chain that `worker` may settle from the next block on, and what an honest Surface would feed its Core with. */
async function requested() {
  const dApp = await network.deploy(ADDITION)
  const alice = network.enigma('alice')
  const workers = await alice.verifyWorkers({ dApp })
  const task = await alice.requestTask(await alice.encrypt({ ...addition(dApp, 100n, 11n), workers }))
  const rank = (await ranksFor(network, dApp, 2)).indexOf(worker.seat)
  await network.chain.mine(1 + rank * network.parameters.windowBlocks)
  return { task, rank, alice, feed: await honestFeed(network, task) }
}

type Lie = (feed: Feed, other: Feed) => Feed

const task =
  (change: Partial<Feed['task']>): Lie =>
  (feed) => ({ ...feed, task: { ...feed.task, ...change } })
const flipped = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte))
const lastFlipped = (bytes: Uint8Array) => flipped(bytes, bytes.length - 1)
/** Returns its arguments, whatever is called: so everything is callable in private, and every input would be public. */
const LEAKING_CODE = hexToBytes('0x600436038060045f375ff3')

/** Everything that a Surface could hand its Core instead of the task, and Core's word for it. */
const LIES: readonly (readonly [lie: string, code: string, lie: Lie])[] = [
  ['another requester', 'BAD_PROOF', task({ requester: '0x00000000000000000000000000000000000000aa' })],
  ['another slot', 'BAD_PROOF', task({ slot: 9 })],
  ['another number in the slot', 'NO_TASK', task({ seq: 77n })],
  ['another dApp', 'NO_TASK', task({ dApp: '0x00000000000000000000000000000000000000bb' })],
  ['another function', 'NO_TASK', task({ callable: '0x01020304' })],
  ['another fee', 'NO_TASK', task({ feeGwei: 1n })],
  ['another block', 'BAD_HEADER', task({ createdBlock: 1n })],
  [
    'leaking code under the true hash',
    'BAD_PROOF',
    (feed) => ({ ...feed, proof: { ...feed.proof, codes: [LEAKING_CODE] } }),
  ],
  ['leaking code under its own hash', 'NO_TASK', task({ codeHash: keccak256(LEAKING_CODE) })],
  ['an envelope with one bit flipped', 'BAD_INPUTS', (feed) => ({ ...feed, inputs: lastFlipped(feed.inputs) })],
  [
    'such an envelope under its own hash',
    'NO_TASK',
    (feed) => {
      const inputs = lastFlipped(feed.inputs)
      return { ...feed, inputs, task: { ...feed.task, inputsHash: keccak256(inputs) } }
    },
  ],
  [
    'the envelope of another task',
    'NO_TASK',
    (feed, other) => ({ ...feed, inputs: other.inputs, task: { ...feed.task, inputsHash: other.task.inputsHash } }),
  ],
]

describe('a Surface that lies to its Core', () => {
  test.each(LIES)('S8: with %s: Core refuses, and opens nothing', async (_, code, lie) => {
    const { feed } = await requested()
    await expect(feedCore(network, worker.core, lie(feed, other))).rejects.toMatchObject({ code })
  })

  test('tells the truth in the end, and the very same task is settled', async () => {
    const { task, rank, alice, feed } = await requested()
    const receipt = await feedCore(network, worker.core, feed)
    expect(receipt).toMatchObject({ taskId: task.taskId, status: 0 })
    expect(await trySettle(network, { task: task.task, rank, ...receipt })).toBe('settles')
    await settle(network, { task: task.task, rank, ...receipt })
    expect(await alice.waitForResult(task)).toBe(111n)
    expect(await sumOf(network, task.task.dApp)).toBe(111n)
  })

  test.each([
    ['the output', (s: { output: Uint8Array; status: number }) => ({ ...s, output: flipped(s.output, 31) })],
    ['the status', (s: { output: Uint8Array; status: number }) => ({ ...s, status: 1 })],
  ])('S2: cannot change %s after Core has signed it', async (_, change) => {
    const { task, rank, feed } = await requested()
    const receipt = await feedCore(network, worker.core, feed)
    const { output, status } = change(receipt)
    expect(await trySettle(network, { ...receipt, output, status, task: task.task, rank })).toBe('NotSelectedSigner')
  })
})
