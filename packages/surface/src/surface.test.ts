import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createRecordedLog, startFaultProxy, until } from '@enigma/process/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DATABASE_NAME } from './database.ts'
import { readStatus } from './status.ts'
import { type Surface, startSurface } from './surface.ts'
import { createFakeCores } from './testing/fake-core.ts'
import { startWorld, WINDOW_BLOCKS, type World } from './testing/world.ts'

/** Mines one block once the worker has sent something, and waits for what it makes true. No block is wasted on a slow machine. */
async function mineOnceSent(world: World, holds: () => boolean): Promise<void> {
  await until(async () => Number(await world.anvil.rpc.call('txpool_status').then(pendingOf)) > 0, 'a transaction')
  await world.anvil.mine()
  await until(holds)
}
const pendingOf = (status: unknown) => (status as { pending: string }).pending

describe('a worker', () => {
  let world: World
  let surface: Surface
  let cores: ReturnType<typeof createFakeCores>
  const log = createRecordedLog('surface')

  beforeAll(async () => {
    // Requests make blocks too: no window may pass before a slow machine has settled the first of them.
    world = await startWorld({ windowBlocks: 3 * WINDOW_BLOCKS })
    cores = createFakeCores(world.network)
    surface = await startSurface(world.config(), { launch: cores.launch, log })
    await until(() => surface.status().seat !== null, 'a seat')
    await world.startEpoch(2)
    await until(() => surface.status().seatState === 'live', 'the seat being live')
  })
  afterAll(async () => {
    await surface.stop()
    await world.stop()
  })

  const settledBy = async (taskId: string) => {
    const settled = log.lines.find((line) => line.event === 'settled' && taskId.startsWith(String(line.taskId)))
    return settled !== undefined
  }

  test('takes a seat by itself and shows it in its status', () => {
    expect(surface.status()).toMatchObject({
      operator: world.operator,
      seatState: 'live',
      seat: { id: 0, activeEpoch: 2 },
    })
  })

  test('settles a task that it was drawn for in the first block allowed', async () => {
    const id = await world.request(0)
    const requestedIn = await world.height()
    await until(() => settledBy(id), 'the settlement')
    expect(log.lines.find((line) => line.event === 'settled')).toMatchObject({ delivered: true, rank: 0 })
    // Each transaction makes a block here: the settlement is in the first one after the request that can hold it.
    expect((await world.height()) - requestedIn).toBeLessThanOrEqual(2n)
  })

  test('serves several tasks at once, each once', async () => {
    const ids = []
    for (let slot = 10; slot < 16; slot++) ids.push(await world.request(slot))
    for (const id of ids) await until(() => settledBy(id), `the settlement of ${id}`)
    for (const id of ids) expect(cores.computed.filter((computed) => computed === id)).toHaveLength(1)
  })

  test('can be read from outside, running or not', () => {
    const status = readStatus(world.config().dataDir)
    expect(status).toMatchObject({ isRunning: true, rpc: 'up', isolation: 'partial' })
    expect(status.tasks.DONE).toBeGreaterThanOrEqual(7)
    expect(status.recentTasks[0]).toMatchObject({ state: 'DONE', status: 0 })
  })

  test('goes on after Core has died, with the same keys', async () => {
    cores.crash()
    const id = await world.request(20)
    await until(() => settledBy(id), 'the settlement')
    expect(cores.launched).toBeGreaterThan(1)
    expect(await world.read('seatCount')).toBe(1n)
  })

  test('S19: a task that brings Core down twice is left, and the next one is served', async () => {
    cores.behave = async () => 'die'
    const poison = await world.request(21)
    await until(() => log.lines.some((line) => line.reason === 'poison' && poison.startsWith(String(line.taskId))))
    cores.behave = undefined
    expect(cores.computed.filter((computed) => computed === poison)).toHaveLength(2)
    const id = await world.request(22)
    await until(() => settledBy(id), 'the settlement')
  })
})

test('S20: a worker that is stopped and started again needs no new seat and serves what came meanwhile', async () => {
  const world = await startWorld()
  try {
    const cores = createFakeCores(world.network)
    const parts = { launch: cores.launch, log: createRecordedLog() }
    const first = await startSurface(world.config(), parts)
    await until(() => first.status().seat !== null)
    await world.startEpoch(2)
    await first.stop()
    expect(readStatus(world.config().dataDir).seat).toMatchObject({ id: 0 })
    await world.request(1)
    const second = await startSurface(world.config(), parts)
    await until(() => second.status().tasks.DONE === 1, 'the task being settled')
    expect(await world.read('seatCount')).toBe(1n)
    await second.stop()
  } finally {
    await world.stop()
  }
})

test('S20: with its node away it waits, says so, and goes on by itself', async () => {
  const world = await startWorld()
  const proxy = await startFaultProxy(world.anvil.port)
  try {
    const cores = createFakeCores(world.network)
    const log = createRecordedLog('surface')
    const surface = await startSurface(world.config({ RPC_URL: proxy.url }), {
      launch: cores.launch,
      log,
    })
    await until(() => surface.status().seat !== null)
    await world.startEpoch(2)
    proxy.mode = 'refuse'
    await until(() => log.events().includes('rpc-away'))
    await until(() => surface.status().rpc === 'down')
    await world.request(1)
    proxy.mode = 'up'
    await until(() => surface.status().tasks.DONE === 1, 'the task being settled')
    expect(log.events()).toContain('rpc-back')
    expect(surface.status().rpc).toBe('up')
    await surface.stop()
  } finally {
    await proxy.stop()
    await world.stop()
  }
})

test('S20: a task that a reorganisation takes away is forgotten, and served where it comes back', async () => {
  const world = await startWorld({ flags: ['--no-mining'] })
  try {
    const cores = createFakeCores(world.network)
    const log = createRecordedLog('surface')
    const surface = await startSurface(world.config(), { launch: cores.launch, log })
    await mineOnceSent(world, () => surface.status().seat !== null)
    await world.startEpoch(2)
    await until(() => surface.status().seatState === 'live')
    const gone = await world.request(1)
    await until(() => surface.status().tasks.SENT === 1, 'the settlement being sent')
    // The block with the task goes, and an empty one takes its place; the transaction is not put back.
    await world.anvil.rpc.call('anvil_reorg', [1, []])
    await until(() => log.events().includes('reorganised'))
    await until(() => surface.status().recentTasks.every((task) => task.taskId !== gone))
    const back = await world.request(1)
    await mineOnceSent(world, () => surface.status().tasks.DONE === 1)
    expect(surface.status().recentTasks.find((task) => task.taskId === back)).toMatchObject({ state: 'DONE' })
    await surface.stop()
  } finally {
    await world.stop()
  }
})

test('S20: a worker whose database is lost finds its seat again instead of taking another', async () => {
  const world = await startWorld()
  try {
    const cores = createFakeCores(world.network)
    const parts = { launch: cores.launch, log: createRecordedLog() }
    const first = await startSurface(world.config(), parts)
    await until(() => first.status().seat !== null)
    await first.stop()
    // Further back than a start without a cursor looks.
    await world.anvil.mine(4 * WINDOW_BLOCKS)
    for (const end of ['', '-wal', '-shm'])
      rmSync(join(world.config().dataDir, `${DATABASE_NAME}${end}`), { force: true })
    const second = await startSurface(world.config(), parts)
    await until(() => second.status().seat !== null)
    expect(await world.read('seatCount')).toBe(1n)
    await second.stop()
  } finally {
    await world.stop()
  }
})

test('S20: a seat whose block is reorganised away is taken again, once', async () => {
  const world = await startWorld({ flags: ['--no-mining'] })
  try {
    await world.anvil.mine(5)
    const cores = createFakeCores(world.network)
    const log = createRecordedLog('surface')
    const surface = await startSurface(world.config(), { launch: cores.launch, log })
    await until(() => log.events().includes('seat-transaction-sent'))
    await world.anvil.mine()
    await until(() => surface.status().seat !== null, 'a seat')
    await world.anvil.rpc.call('anvil_reorg', [1, []])
    await until(() => log.events().includes('reorganised'))
    await until(() => surface.status().seat === null, 'the seat being gone')
    for (let block = 0; block < 3; block++) {
      await world.anvil.mine()
      const height = String(await world.height())
      await until(() => surface.status().headBlock === height)
      await until(() => surface.status().seat !== null)
    }
    expect(await world.read('seatCount')).toBe(1n)
    expect(log.events().filter((event) => event === 'seat-transaction-sent')).toHaveLength(1)
    await surface.stop()
  } finally {
    await world.stop()
  }
})

test('leaves when asked, and serves on until its exit', async () => {
  const world = await startWorld()
  try {
    const cores = createFakeCores(world.network)
    const surface = await startSurface(world.config(), {
      launch: cores.launch,
      log: createRecordedLog(),
    })
    await until(() => surface.status().seat !== null)
    await world.startEpoch(2)
    surface.leave()
    await until(() => surface.status().seat?.exitEpoch === 4, 'the exit')
    expect(surface.status().seatState).toBe('leaving')
    await world.request(1)
    await until(() => surface.status().tasks.DONE === 1, 'a task served while leaving')
    await world.startEpoch(3)
    await world.anvil.mine(2 * WINDOW_BLOCKS + 30)
    await until(() => surface.status().seatState === 'left')
    expect(await world.read('seatCount')).toBe(1n)
    await surface.stop()
  } finally {
    await world.stop()
  }
})

test('renews its seat before its time is up', async () => {
  const world = await startWorld()
  try {
    const cores = createFakeCores(world.network)
    const surface = await startSurface(world.config(), {
      launch: cores.launch,
      log: createRecordedLog(),
    })
    await until(() => surface.status().seat?.exitEpoch === 20)
    await world.anvil.mine(30 * 13)
    await until(() => surface.status().seat?.exitEpoch === 33, 'the renewal')
    await surface.stop()
  } finally {
    await world.stop()
  }
})

describe('a start is refused, with nothing left running,', () => {
  test('where the node serves another chain', async () => {
    const world = await startWorld()
    try {
      const cores = createFakeCores({ ...world.network, chainId: 1n })
      const start = startSurface(world.config({ CHAIN_ID: '1' }), { launch: cores.launch, log: createRecordedLog() })
      await expect(start).rejects.toMatchObject({ code: 'WRONG_NETWORK' })
      const nowhere = { ...world.network, enigma: `0x${'11'.repeat(20)}` as const }
      const noContract = startSurface(world.config({ ENIGMA: nowhere.enigma }), {
        launch: createFakeCores(nowhere).launch,
        log: createRecordedLog(),
      })
      await expect(noContract).rejects.toMatchObject({ code: 'NO_CONTRACT' })
      const real = startSurface(world.config({ SIMULATED: 'false' }), {
        launch: createFakeCores({ ...world.network, simulated: false }).launch,
        log: createRecordedLog(),
      })
      await expect(real).rejects.toMatchObject({ code: 'WRONG_NETWORK' })
    } finally {
      await world.stop()
    }
  })

  test('where Core was started for another network, or another worker uses the directory', async () => {
    const world = await startWorld()
    try {
      const other = createFakeCores({ ...world.network, serial: 1 })
      const start = startSurface(world.config(), { launch: other.launch, log: createRecordedLog() })
      await expect(start).rejects.toMatchObject({ code: 'WRONG_NETWORK' })
      const parts = { launch: createFakeCores(world.network).launch, log: createRecordedLog() }
      const surface = await startSurface(world.config(), parts)
      await expect(startSurface(world.config(), parts)).rejects.toMatchObject({ code: 'DATA_DIR_IN_USE' })
      await surface.stop()
      const otherKey = `0x${'42'.repeat(32)}`
      await expect(startSurface(world.config({ OPERATOR_KEY: otherKey }), parts)).rejects.toMatchObject({
        code: 'WRONG_NETWORK',
      })
    } finally {
      await world.stop()
    }
  })
})
