/** Seats that somebody had ended, because their machine no longer stands as it must: the client draws others. */
import { enigmaAbi } from '@enigma/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { additionAbi } from '../../../examples/addition/abi.ts'
import { add, type FakeWorker } from './testing/fake-worker.ts'
import { startWorld, type World } from './testing/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world?.stop())

const addition = () => ({ address: world.addition, abi: additionAbi, functionName: 'add', args: [20n, 22n] }) as const
const outOfDate = { components: Array<number>(16).fill(0), pceSvn: 0, status: 'OutOfDate' }

async function recheck({ seat, record }: FakeWorker): Promise<void> {
  const stranger = await world.user()
  await world.write(stranger, { functionName: 'recheck', args: [BigInt(seat), record] })
}
async function exitOf({ seat }: FakeWorker): Promise<bigint> {
  const call = { address: world.network.enigma, abi: enigmaAbi, functionName: 'seat', args: [BigInt(seat)] } as const
  return (await world.client.readContract(call)).exitEpoch
}

test('S16: a seat whose machine is revoked is drawn no more, and the others serve', async () => {
  const { enigma } = await world.enigma()
  const [first] = await enigma.verifyWorkers({ dApp: world.addition })
  const revoked = world.workers.find(({ seat }) => seat === first?.seat)
  if (!revoked) throw new Error('no worker')

  await world.publish({ revokedPlatforms: [{ platformName: `machine ${revoked.seat}` }] })
  await recheck(revoked)
  // The mirror that this client asks still serves the list of before: the chain's word is enough.
  const workers = await enigma.verifyWorkers({ dApp: world.addition })
  expect(workers.map(({ seat }) => seat)).not.toContain(revoked.seat)
  expect(workers.map(({ rank }) => rank)).toEqual([0, 1])
  const task = await enigma.requestTask(await enigma.encrypt({ ...addition(), workers }))
  await world.serve(task.taskId, add)
  expect(await enigma.waitForResult(task)).toBe(42n)
})

test('S16: what was sealed to a worker revoked since is settled by the next', async () => {
  const { enigma } = await world.enigma()
  const workers = await enigma.verifyWorkers({ dApp: world.addition })
  const task = await enigma.requestTask(await enigma.encrypt({ ...addition(), workers }))
  const [revoked, next] = workers.map((worker) => world.workers.find(({ seat }) => seat === worker.seat))
  if (!revoked || !next) throw new Error('no workers')

  const machines = world.workers.filter((worker) => worker !== next).map(({ seat }) => `machine ${seat}`)
  await world.publish({ revokedPlatforms: machines.map((platformName) => ({ platformName })) })
  await recheck(revoked)
  // Ranks move up: he settles in the first window.
  await world.serve(task.taskId, add)
  expect(await enigma.waitForResult(task)).toBe(42n)
})

test('S16: a seat whose machine is out of date serves until its exit, and is drawn no more from then on', async () => {
  const { enigma } = await world.enigma()
  const [worker] = await enigma.verifyWorkers({ dApp: world.addition })
  const outdated = world.workers.find(({ seat }) => seat === worker?.seat)
  if (!worker || !outdated) throw new Error('no worker')

  await world.publish({ levels: [outOfDate], tcbInfo: { tcbEvaluationDataNumber: 18 } })
  await recheck(outdated)
  expect(await exitOf(outdated)).toBe(BigInt(worker.draw.epoch) + 2n)
  expect(await enigma.verifyWorkers({ dApp: world.addition })).toMatchObject([{ seat: outdated.seat }])
  await world.startEpoch(worker.draw.epoch + 2)
  await expect(enigma.call(addition())).rejects.toMatchObject({ code: 'NO_WORKERS' })
})
