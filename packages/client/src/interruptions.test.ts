/** What a caller who stops, an RPC that fails and a chain that turns back cost: never money. */

import { createManualClock } from '@enigma/process/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { additionAbi } from '../../../examples/addition/abi.ts'
import { AbortedError, type ProgressEvent, TaskReorganisedError, TimeoutError } from './index.ts'
import { add } from './testing/fake-worker.ts'
import { startWorld, type World } from './testing/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world?.stop())

const addition = () => ({ address: world.addition, abi: additionAbi, functionName: 'add', args: [2n, 5n] }) as const
async function failure<T>(call: Promise<unknown>, kind: new (...args: never[]) => T): Promise<T> {
  const error = await call.catch((error: unknown) => error)
  expect(error).toBeInstanceOf(kind)
  return error as T
}

describe('a caller who stops waiting', () => {
  test.each(['verifying', 'verified', 'encrypted'] as const)('at %s has paid nothing', async (moment) => {
    const { enigma, wire } = await world.enigma()
    const abort = new AbortController()
    const onProgress = ({ type }: ProgressEvent) => type === moment && abort.abort()
    const error = await failure(enigma.call({ ...addition(), signal: abort.signal, onProgress }), AbortedError)
    expect(error).toMatchObject({ code: 'ABORTED', txHash: undefined, taskId: undefined })
    expect(wire.sent).toEqual([])
  })

  test('before it began has asked nobody', async () => {
    const { enigma, wire } = await world.enigma()
    await failure(enigma.call({ ...addition(), signal: AbortSignal.abort() }), AbortedError)
    expect(wire.asked).toEqual([])
  })

  test('after sending can find the task and wait for it', async () => {
    const { enigma } = await world.enigma()
    const abort = new AbortController()
    const onProgress = ({ type }: ProgressEvent) => type === 'sent' && abort.abort()
    const error = await failure(enigma.call({ ...addition(), signal: abort.signal, onProgress }), AbortedError)
    expect(error.sent).toMatchObject({ txHash: error.txHash })
    if (!error.sent) throw error
    const task = await enigma.findTask(error.sent)
    await world.serve(task.taskId, add)
    expect(await enigma.waitForResult(task)).toBe(7n)
  })

  test('after the request can go on waiting', async () => {
    const { enigma } = await world.enigma()
    const abort = new AbortController()
    const onProgress = ({ type }: ProgressEvent) => type === 'selected' && abort.abort()
    const error = await failure(enigma.call({ ...addition(), signal: abort.signal, onProgress }), AbortedError)
    expect(error.taskId).toBe(error.task?.taskId)
    if (!error.task) throw error
    await world.serve(error.task.taskId, add)
    expect(await enigma.waitForResult(error.task)).toBe(7n)
  })

  test('by a timeout is told so, by the clock that was handed in', async () => {
    const clock = createManualClock(Date.now())
    const { enigma } = await world.enigma({ clock, maxClockSkewSeconds: 10 ** 9 })
    const requested = Promise.withResolvers<void>()
    const onProgress = ({ type }: ProgressEvent) => type === 'selected' && requested.resolve()
    const call = failure(enigma.call({ ...addition(), timeoutMs: 60_000, onProgress }), TimeoutError)
    // The transaction is mined at once, but asked for by polling: let that happen.
    const winding = setInterval(() => void clock.advance(5), 5)
    await requested.promise
    clearInterval(winding)
    await clock.advance(60_000)
    expect(await call).toMatchObject({ code: 'TIMEOUT', taskId: expect.stringMatching(/^0x/) })
  })
})

describe('an RPC in trouble', () => {
  test('S20: that is down while one waits costs nothing but time', async () => {
    const { enigma, wire } = await world.enigma()
    const call = enigma.call({
      ...addition(),
      onProgress: (event) => {
        if (event.type !== 'requested') return
        wire.isDown = true
        void world.serve(event.taskId, add).then(() => {
          wire.isDown = false
        })
      },
    })
    expect(await call).toBe(7n)
  })

  test('that is down before anything is sent is told as such', async () => {
    const { enigma, wire } = await world.enigma()
    wire.isDown = true
    await expect(enigma.call(addition())).rejects.toMatchObject({ code: 'CHAIN' })
    expect(wire.sent).toEqual([])
  })

  test('S20: a task that the chain reorganised away is told, and its slot serves the next', async () => {
    const { enigma } = await world.enigma()
    await world.mine(2)
    const slots: number[] = []
    const call = enigma.call({
      ...addition(),
      onProgress: (event) => {
        if (event.type === 'requested') void world.client.request({ method: 'anvil_reorg', params: [1, []] } as never)
      },
    })
    const error = await failure(call, TaskReorganisedError)
    expect(error.taskId).toMatch(/^0x/)
    const onProgress = (event: ProgressEvent) => {
      if (event.type === 'verifying') slots.push(event.slot)
      if (event.type === 'requested') void world.serve(event.taskId, add)
    }
    expect(await enigma.call({ ...addition(), onProgress })).toBe(7n)
    expect(slots).toEqual([0])
  })

  test('that shows a request whose fields do not hash to its id is not believed', async () => {
    const { enigma, wire } = await world.enigma()
    wire.alter('eth_getTransactionReceipt', (receipt) => alterLastByte(receipt))
    await expect(enigma.call(addition())).rejects.toMatchObject({ code: 'TASK_ID_MISMATCH' })
  })
})

/** The inputs' last byte, in the log of a request. */
function alterLastByte(receipt: unknown): unknown {
  if (!receipt) return receipt
  const { logs, ...rest } = receipt as { logs: { data: string }[] }
  return { ...rest, logs: logs.map((log) => ({ ...log, data: log.data.replace(/([0-9a-f]{2})((?:00)*)$/, 'ff$2') })) }
}
