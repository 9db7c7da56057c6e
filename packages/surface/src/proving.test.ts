import { createRecordedLog, startLyingProxy, until } from '@enigma/process/testing'
import { afterEach, expect, test } from 'vitest'
import { type Surface, startSurface } from './surface.ts'
import { createFakeCores } from './testing/fake-core.ts'
import { hashOf } from './testing/tasks.ts'
import { startWorld, WINDOW_BLOCKS } from './testing/world.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** A worker with a live seat, of a Core that believes only what is observed and proven. */
async function serving(options: Parameters<typeof startWorld>[0] = {}) {
  const world = await startWorld(options)
  closers.push(world.stop)
  const proxy = await startLyingProxy(world.anvil.url)
  closers.push(proxy.stop)
  const cores = createFakeCores(world.network)
  const log = createRecordedLog('surface')
  const surface = await startSurface(world.config({ RPC_URL: proxy.url }), { launch: cores.launch, log })
  closers.push(surface.stop)
  await until(() => surface.status().seat !== null, 'a seat')
  await world.startEpoch(2)
  await until(() => surface.status().seatState === 'live', 'the seat being live')
  return { world, proxy, cores, log, surface }
}

const isDone = (surface: Surface, count: number) => until(() => surface.status().tasks.DONE === count, 'the settlement')
test('S20: while observers are away or on another branch, tasks wait and the status says so; then they are served', async () => {
  const { world, log, surface, cores } = await serving({ windowBlocks: 18 })
  let done = 0
  for (const [mode, code] of [
    ['silent', 'OBSERVERS_MISSING'],
    ['lies', 'OTHER_BRANCH'],
  ] as const) {
    world.observer.mode = mode
    await world.request(done)
    await until(() => surface.status().observersTrouble?.code === code, code)
    expect(surface.status()).toMatchObject({
      tasks: { SEEN: 1 },
      observersTrouble: { hint: expect.stringMatching(/./) },
    })
    expect(cores.computed).toHaveLength(done)
    world.observer.mode = 'signs'
    done++
    await isDone(surface, done)
    await until(() => surface.status().observersTrouble === null, 'the end of the trouble')
    expect(surface.status().observers).toMatchObject([{ fault: null }])
  }
  expect(log.events()).toContain('headers-observed-again')
})

test('a task whose windows end before the observers are back is left, and with it the trouble', async () => {
  const { world, surface, cores } = await serving()
  world.observer.mode = 'silent'
  await world.request(1)
  await until(() => surface.status().observersTrouble !== null, 'the trouble')
  await world.anvil.mine(3 * WINDOW_BLOCKS)
  await until(() => surface.status().tasks.SKIPPED === 1, 'the end')
  await until(() => surface.status().observersTrouble === null, 'the end of the trouble')
  expect(surface.status().recentTasks).toMatchObject([{ state: 'SKIPPED', reason: 'window-over' }])
  expect(cores.computed).toEqual([])
})

test('a task waits, without a word, until its block is as deep as observers wait for', async () => {
  const { world, log, surface, cores } = await serving({ windowBlocks: 10, depth: 3 })
  await world.request(1)
  await world.anvil.mine(2)
  const height = String(await world.height())
  await until(() => surface.status().headBlock === height)
  expect(cores.computed).toEqual([])
  expect(world.observer.asked).toEqual([])
  await world.anvil.mine()
  await isDone(surface, 1)
  expect(log.events()).not.toContain('headers-not-observed')
})

test('S11: a node that lies about one block is doubted: its task waits, others go on, and it is served in the end', async () => {
  const { world, proxy, surface, log } = await serving({ windowBlocks: 18 })
  let doubted: string | undefined
  proxy.lie = ({ method, params }, answer) => {
    if (method !== 'eth_getProof') return undefined
    const { blockHash } = params[2] as { blockHash: string }
    doubted ??= blockHash
    const { accountProof } = answer as { accountProof: string[] }
    return blockHash === doubted ? { ...(answer as object), accountProof: accountProof.slice(0, -1) } : undefined
  }
  const first = await world.request(1)
  await until(() => surface.status().stateTrouble?.code === 'BAD_PROOF')
  const second = await world.request(2)
  await isDone(surface, 1)
  const stateOf = (id: string) => surface.status().recentTasks.find(({ taskId }) => taskId === id)?.state
  expect([stateOf(first), stateOf(second)]).toEqual(['SEEN', 'DONE'])
  proxy.lie = undefined
  await isDone(surface, 2)
  await until(() => surface.status().stateTrouble === null, 'the end of the trouble')
  expect(log.events().filter((event) => event === 'task-failed' || event === 'given-up')).toEqual([])
})

test('S25: a worker that was told of other observers than its contract does not start', async () => {
  const world = await startWorld()
  closers.push(world.stop)
  const own = hashOf(0x77).slice(0, 42) as `0x${string}`
  const cores = createFakeCores({ ...world.network, observers: [own] })
  const start = startSurface(world.config({ OBSERVERS: own }), { launch: cores.launch, log: createRecordedLog() })
  await expect(start).rejects.toMatchObject({ code: 'WRONG_NETWORK' })
})
