import { simulatedKind } from '@enigma/attestation/simulated'
import {
  eventually,
  type HandDriven,
  recheck,
  startNetwork,
  type TestNetwork,
  takeSeatByHand,
  tryRecheck,
} from '@enigma/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ADDITION, addition, ranksFor, taskLogs } from './support/story.ts'

const OLD = {
  components: simulatedKind.components.map((svn, index) => (index === 0 ? svn - 2 : svn)),
  pceSvn: simulatedKind.pceSvn - 2,
}
/** On the first day the old firmware is good enough; from evaluation 18 on it is not. */
const FIRST_DAY = {
  levels: [
    { components: simulatedKind.components, pceSvn: simulatedKind.pceSvn, status: 'UpToDate' },
    { ...OLD, status: 'UpToDate' },
  ],
}
const EVALUATION_18 = { tcbInfo: { tcbEvaluationDataNumber: 18 } }

let network: TestNetwork
let old: HandDriven
beforeAll(async () => {
  // Windows so long that whoever settles within the first one was not waiting for it to pass.
  network = await startNetwork({ workers: 3, published: FIRST_DAY, parameters: { windowBlocks: 30 } })
  old = await takeSeatByHand(network, 'worker-4', { firmware: OLD })
  await network.chain.nextEpoch()
  await network.chain.nextEpoch()
})
afterAll(async () => {
  await old?.stop()
  await network?.stop()
})

/** Somebody with no seat and no part in anything pays for what the chain should know. */
const stranger = 'frank'
async function bringAsStranger() {
  const parts = await network.hardware.bring(network.account(stranger))
  expect(parts.map(({ state }) => state).filter((state) => state !== 'set' && state !== 'current')).toEqual([])
  return parts
}

/** An Addition contract that draws `seat` now: with four seats and three ranks, the next deployment or the one after. */
async function dAppServedBy(seat: number) {
  for (;;) {
    const dApp = await network.deploy(ADDITION)
    if ((await ranksFor(network, dApp)).includes(seat)) return dApp
  }
}

test('S16: a stranger brings a new TCB info and has the seat of an outdated platform end; the others serve on', async () => {
  const dApp = await dAppServedBy(old.seat)
  await network.hardware.publish(EVALUATION_18)
  // What the chain has not been told it does not hold against anyone.
  expect(await tryRecheck(network, old.seat, stranger)).toBe('PlatformGood')
  const parts = await bringAsStranger()
  expect(parts).toContainEqual(expect.objectContaining({ state: 'set', reason: 'evaluation' }))

  const epoch = Number(await network.contract.read.currentEpoch())
  expect(await recheck(network, old.seat, stranger)).toEqual({ exitEpoch: epoch + 2, isRevoked: false })
  expect(await tryRecheck(network, old.seat, stranger)).toBe('SeatNotLive')
  for (const seat of [0, 1, 2]) expect(await tryRecheck(network, seat, stranger)).toBe('PlatformGood')

  // It serves what is drawn before its exit, and is drawn no more after it.
  await network.chain.nextEpoch()
  expect(await ranksFor(network, dApp)).toHaveLength(3)
  await network.chain.nextEpoch()
  for (let i = 0; i < 5; i++) expect(await ranksFor(network, await network.deploy(ADDITION))).not.toContain(old.seat)
  expect(await network.enigma('alice').call(addition(dApp, 1n, 2n))).toBe(3n)
})

test('S16: a platform whose certificate is revoked is out at once, and the next rank settles what was drawn on it', async () => {
  const dApp = await network.deploy(ADDITION)
  const [first = 0, second = 0] = await ranksFor(network, dApp)
  const revoked = await network.workerOf(first)
  await revoked.stop()
  const alice = network.enigma('alice')
  const workers = await alice.verifyWorkers({ dApp })
  const task = await alice.requestTask(await alice.encrypt({ ...addition(dApp, 40n, 2n), workers }))

  await network.hardware.publish({ ...EVALUATION_18, revokedPlatforms: [{ platformName: revoked.name }] })
  await bringAsStranger()
  const epoch = Number(await network.contract.read.currentEpoch())
  expect(await recheck(network, first, stranger)).toEqual({ exitEpoch: epoch, isRevoked: true })
  expect(await ranksFor(network, dApp, 1)).toEqual([second])

  expect(await alice.waitForResult(task)).toBe(42n)
  const [settled] = (await taskLogs(network)).settled.slice(-1)
  expect(settled).toMatchObject({ taskId: task.taskId, seat: BigInt(second), rank: 0 })
  expect(Number(settled?.blockNumber) - Number(task.createdBlock)).toBeLessThan(network.parameters.windowBlocks)

  // Its operator starts it again: the contract gives such a machine no seat any more.
  await revoked.restart()
  await eventually('its trouble', () => revoked.status().seatTrouble?.code === 'PCK_REVOKED')
})
