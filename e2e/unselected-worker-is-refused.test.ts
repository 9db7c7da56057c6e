import { abiEncode, abiUint, keccak256, type Receipt, receiptDigest, signDigest } from '@enigma/protocol'
import {
  feedCore,
  type HandDriven,
  honestFeed,
  startNetwork,
  type TestNetwork,
  takeSeatByHand,
  trySettle,
} from '@enigma/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADDITION, addition, ranksFor, taskLogs } from './support/story.ts'

let network: TestNetwork
let outsider: HandDriven
beforeAll(async () => {
  network = await startNetwork({ workers: 3 })
  outsider = await takeSeatByHand(network, 'worker-4')
  await network.chain.nextEpoch()
  await network.chain.nextEpoch()
})
afterAll(async () => {
  await outsider?.stop()
  await network?.stop()
})

/** An Addition contract whose three ranks do not include `seat`: with four seats, the next deployment or the one after. */
async function dAppNotServedBy(seat: number) {
  for (;;) {
    const dApp = await network.deploy(ADDITION)
    const ranks = await ranksFor(network, dApp)
    if (!ranks.includes(seat)) return { dApp, ranks }
  }
}

test('S1: a worker that was not selected gets nothing to open, and no settlement of its own through', async () => {
  const { dApp, ranks } = await dAppNotServedBy(outsider.seat)
  for (const seat of ranks) await (await network.workerOf(seat)).stop()
  const alice = network.enigma('alice')
  const workers = await alice.verifyWorkers({ dApp })
  expect(workers.map(({ seat }) => seat)).toEqual(ranks)
  const task = await alice.requestTask(await alice.encrypt({ ...addition(dApp, 5n, 6n), workers }))
  const feed = await honestFeed(network, task)

  // The inputs were sealed to others.
  await expect(feedCore(network, outsider.core, feed)).rejects.toMatchObject({ code: 'NOT_ADDRESSED' })

  // Its host knows everything public and may sign what he likes, with a key of his own: no rank is his.
  const output = abiEncode(abiUint(11n))
  const key = Uint8Array.from({ length: 32 }, () => 7)
  const receipt: Receipt = {
    taskId: task.taskId,
    anchor: task.blockHash,
    codeHash: task.task.codeHash,
    inputsHash: task.task.inputsHash,
    outputHash: keccak256(output),
    status: 0,
  }
  const { chainId, enigma } = network.network
  const forged = signDigest(receiptDigest({ chainId: BigInt(chainId), enigma }, receipt), key)
  const attempt = { task: task.task, status: 0, output, ...forged }
  await network.chain.mine(2 * network.parameters.windowBlocks)
  for (const rank of [0, 1, 2]) expect(await trySettle(network, { ...attempt, rank })).toBe('NotSelectedSigner')
  expect(await trySettle(network, { ...attempt, rank: 3 })).toBe('InvalidRank')

  // A worker that was selected, and comes back in time, settles it.
  const [first = 0] = ranks
  await (await network.workerOf(first)).restart()
  expect(await alice.waitForResult(task)).toBe(11n)
  expect((await taskLogs(network)).settled).toMatchObject([{ taskId: task.taskId, seat: BigInt(first) }])
})
