/** Results whose callback failed: handed over again by whoever likes, or given up. */
import { type Address, type Hex, keccak256, utf8 } from '@enigma/protocol'
import { BaseError, encodeFunctionData, HttpRequestError, zeroHash } from 'viem'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { additionAbi } from '../../../examples/addition/abi.ts'
import { enigmaAbi } from './enigma-abi.ts'
import { type Enigma, NotUndeliveredError, type ProgressEvent, RefusedError, ResultNotDeliveredError } from './index.ts'
import { add } from './testing/fake-worker.ts'
import { lockedAbi, lockedBytecode } from './testing/locked-dapp.ts'
import { startWorld, WINDOW_BLOCKS, type World } from './testing/world.ts'

let world: World
let locked: Address
beforeAll(async () => {
  world = await startWorld()
  const hash = await world.send(world.deployer, null, lockedBytecode)
  locked = (await world.client.getTransactionReceipt({ hash })).contractAddress?.toLowerCase() as Address
})
afterAll(() => world?.stop())
beforeEach(() => world.send(world.deployer, locked, encodeFunctionData({ abi: lockedAbi, functionName: 'lock' })))

const unlock = () => world.send(world.deployer, locked, encodeFunctionData({ abi: lockedAbi, functionName: 'unlock' }))
const sum = (address = locked) => world.client.readContract({ address, abi: lockedAbi, functionName: 'sum' })
const call = () => ({ address: locked, abi: lockedAbi, functionName: 'add', args: [2n, 5n] }) as const
/** Of a callback that has too little gas. */
const starved = () =>
  ({ address: world.addition, abi: additionAbi, functionName: 'add', args: [2n, 5n], callbackGas: 1 }) as const
const serving = (event: ProgressEvent) => {
  if (event.type === 'requested') void world.serve(event.taskId, add)
}

async function undelivered(enigma: Enigma): Promise<ResultNotDeliveredError> {
  const error = await enigma.call({ ...call(), onProgress: serving }).catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(ResultNotDeliveredError)
  return error as ResultNotDeliveredError
}

function slotOf(account: Address, slot = 0) {
  const { enigma: address } = world.network
  return world.client.readContract({ address, abi: enigmaAbi, functionName: 'slot', args: [account, slot] })
}

describe('redeliver', () => {
  test('hands the result over once the dApp takes it, whoever asks, by the error alone', async () => {
    const { enigma, user } = await world.enigma()
    const error = await undelivered(enigma)
    expect(error).toMatchObject({
      value: 7n,
      reason: { errorName: 'Locked' },
      hint: expect.stringContaining('abandon'),
    })
    expect(JSON.stringify(error)).toContain(error.taskId)
    await unlock()
    const stranger = await world.enigma()
    expect(await stranger.enigma.redeliver(error)).toMatchObject({ txHash: expect.stringMatching(/^0x/) })
    expect(await sum()).toBe(7n)
    expect(await slotOf(user.address)).toMatchObject({ undelivered: false, seq: 1n })
  })

  test('sends nothing where the callback would fail again, and says why by the ABI that it is given', async () => {
    const { enigma } = await world.enigma()
    const { taskId, createdBlock, output } = await undelivered(enigma)
    const { enigma: stranger, wire } = await world.enigma()
    const told = stranger.redeliver({ taskId, createdBlock, abi: lockedAbi })
    await expect(told).rejects.toMatchObject({
      code: 'RESULT_NOT_DELIVERED',
      ...{ taskId, createdBlock, output, reason: { errorName: 'Locked' }, value: undefined },
    })
    const selector = keccak256(utf8('Locked()')).slice(0, 10)
    await expect(stranger.redeliver({ taskId, createdBlock })).rejects.toMatchObject({ reason: { data: selector } })
    expect(wire.sent).toEqual([])
  })

  test('gives the callback at least the gas that it was asked for with, whatever the RPC estimates', async () => {
    const { enigma, user } = await world.enigma()
    const callbackGas = 3_000_000
    const error = await enigma.call({ ...call(), callbackGas, onProgress: serving }).catch((caught: unknown) => caught)
    await unlock()
    const { txHash } = await enigma.redeliver(error as ResultNotDeliveredError)
    const { gas, from } = await world.client.getTransaction({ hash: txHash })
    expect(gas).toBeGreaterThan((BigInt(callbackGas) * 64n) / 63n)
    expect(from).toBe(user.address.toLowerCase())
  })

  test('refuses a task that no result of which waits, and sends nothing', async () => {
    const { enigma, wire } = await world.enigma()
    const error = await undelivered(enigma)
    await unlock()
    await enigma.redeliver(error)
    wire.sent.length = 0
    for (const verb of [enigma.redeliver, enigma.abandon]) {
      await expect(verb(error)).rejects.toThrow(NotUndeliveredError)
      await expect(verb({ ...error, taskId: zeroHash, createdBlock: error.createdBlock })).rejects.toMatchObject({
        code: 'UNKNOWN_TASK',
      })
    }
    // Of one that was delivered at once, of one that failed, of one that is pending.
    for (const answer of [undefined, { status: 1 } as const, add]) {
      const workers = await enigma.verifyWorkers({ dApp: world.addition })
      const { callbackGas: _, ...addition } = starved()
      const task = await enigma.requestTask(await enigma.encrypt({ ...addition, workers }))
      if (answer) await world.serve(task.taskId, typeof answer === 'function' ? answer : () => answer)
      await expect(enigma.redeliver(task)).rejects.toThrow(NotUndeliveredError)
      await expect(enigma.abandon(task)).rejects.toThrow(NotUndeliveredError)
    }
    expect(wire.sent).toHaveLength(3)
  })

  test.each([0, 4 * WINDOW_BLOCKS])(
    'is believed by its event: waitForResult returns the value, %i blocks later',
    async (blocks) => {
      const { enigma } = await world.enigma()
      const task = await enigma.requestTask(
        await enigma.encrypt({ ...call(), workers: await enigma.verifyWorkers({ dApp: locked }) }),
      )
      await world.serve(task.taskId, add)
      await expect(enigma.waitForResult(task)).rejects.toThrow(ResultNotDeliveredError)
      await unlock()
      if (blocks > 0) await world.mine(blocks)
      await expect(enigma.waitForResult(task)).rejects.toThrow(ResultNotDeliveredError)
      await enigma.redeliver(task)
      expect(await enigma.waitForResult(task)).toBe(7n)
    },
  )
})

describe('the option `redeliver` of a call', () => {
  const report = (events: string[]) => (event: ProgressEvent) => {
    events.push(event.type)
    serving(event)
  }

  test('delivers by itself what had too little gas', async () => {
    const { enigma, wire, user } = await world.enigma()
    const events: string[] = []
    expect(await enigma.call({ ...starved(), redeliver: true, onProgress: report(events) })).toBe(7n)
    expect(events.slice(-2)).toEqual(['settled', 'redelivering'])
    expect(wire.sent).toHaveLength(2)
    expect(await sum(world.addition)).toBe(7n)
    expect(await slotOf(user.address)).toMatchObject({ undelivered: false, seq: 1n })
  })

  test('sends nothing more where the dApp would refuse again; the error keeps the value', async () => {
    const { enigma, wire } = await world.enigma()
    const told = enigma.call({ ...call(), redeliver: true, onProgress: serving })
    await expect(told).rejects.toMatchObject({
      code: 'RESULT_NOT_DELIVERED',
      value: 7n,
      reason: { errorName: 'Locked' },
    })
    expect(wire.sent).toHaveLength(1)
  })

  test('keeps the value where delivering could not be tried, and says why it could not', async () => {
    const { enigma, wire } = await world.enigma()
    const events: string[] = []
    wire.before('eth_estimateGas', () => {
      if (events.includes('redelivering')) throw new HttpRequestError({ url: 'http://rpc.test', body: {} })
    })
    const told = enigma.call({ ...starved(), redeliver: true, onProgress: report(events) })
    await expect(told).rejects.toMatchObject({
      ...{ code: 'RESULT_NOT_DELIVERED', value: 7n },
      cause: expect.any(BaseError),
    })
  })

  test('stops when the caller does', async () => {
    const { enigma } = await world.enigma()
    const stop = new AbortController()
    const onProgress = (event: ProgressEvent) => {
      serving(event)
      if (event.type === 'redelivering') stop.abort()
    }
    const told = enigma.call({ ...starved(), redeliver: true, signal: stop.signal, onProgress })
    await expect(told).rejects.toMatchObject({ code: 'ABORTED', task: { taskId: expect.any(String) } })
  })

  test('is off unless it is asked for', async () => {
    const { enigma, wire } = await world.enigma()
    await expect(enigma.call({ ...starved(), onProgress: serving })).rejects.toMatchObject({
      ...{ code: 'RESULT_NOT_DELIVERED', reason: undefined },
      hint: expect.stringContaining('callbackGas'),
    })
    expect(wire.sent).toHaveLength(1)
  })
})

test('a slot that holds a result is left out, also by a client that did not ask for it', async () => {
  const { enigma, user } = await world.enigma()
  await undelivered(enigma)
  await unlock()
  const { enigma: other } = await world.enigma({ account: user })
  expect(await other.call({ ...call(), onProgress: serving })).toBe(7n)
  expect(await slotOf(user.address)).toMatchObject({ undelivered: true, seq: 0n })
  expect(await slotOf(user.address, 1)).toMatchObject({ seq: 1n })
})

describe('abandon', () => {
  test('frees the slot for its requester, and the next call takes it', async () => {
    const { enigma, user } = await world.enigma()
    const error = await undelivered(enigma)
    expect(await slotOf(user.address)).toMatchObject({ undelivered: true })
    await enigma.abandon(error)
    expect(await slotOf(user.address)).toMatchObject({ undelivered: false, seq: 1n })
    await unlock()
    await expect(enigma.redeliver(error)).rejects.toMatchObject({ code: 'NOT_UNDELIVERED' })
    let taskId: Hex | undefined
    await enigma.call({
      ...call(),
      onProgress: (event) => {
        if (event.type === 'requested') taskId = event.taskId
        serving(event)
      },
    })
    expect(taskId).toBeDefined()
    expect(await slotOf(user.address)).toMatchObject({ seq: 2n })
  })

  test('is its requester’s alone before the cool-down', async () => {
    const { enigma } = await world.enigma()
    const error = await undelivered(enigma)
    const { enigma: stranger, wire } = await world.enigma()
    await expect(stranger.abandon(error)).rejects.toMatchObject({ code: 'REFUSED', errorName: 'AbandonTooEarly' })
    await expect(stranger.abandon(error)).rejects.toThrow(RefusedError)
    expect(wire.sent).toEqual([])
  })
})
