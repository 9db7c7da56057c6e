/** How a task can end, and what the caller is told. */
import { encodeErrorResult } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { additionAbi } from '../../../examples/addition/abi.ts'
import { loanAbi } from '../../../examples/loan/abi.ts'
import {
  InputsNotOpenedError,
  PrivateFunctionFailedError,
  type ProgressEvent,
  ResultNotDeliveredError,
  TaskNotServedError,
} from './index.ts'
import type { Answer } from './testing/fake-worker.ts'
import { startWorld, WINDOW_BLOCKS, type World } from './testing/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world?.stop())

const addition = () => ({ address: world.addition, abi: additionAbi, functionName: 'add', args: [2n, 5n] }) as const
const answering = (answer: Answer) => (event: ProgressEvent) => {
  if (event.type === 'requested') void world.serve(event.taskId, () => answer)
}
const sum = (value: bigint) => `0x${value.toString(16).padStart(64, '0')}` as const
async function failure<T>(call: Promise<unknown>, kind: new (...args: never[]) => T): Promise<T> {
  const error = await call.catch((error: unknown) => error)
  expect(error).toBeInstanceOf(kind)
  return error as T
}

describe('a private function that fails', () => {
  async function score(reason: Answer['reason']) {
    const { enigma } = await world.enigma()
    const terms = await world.client.readContract({ address: world.loan, abi: loanAbi, functionName: 'termsVersion' })
    const call = enigma.call({
      address: world.loan,
      abi: loanAbi,
      functionName: 'score',
      args: [0n, 0n, [], terms],
      onProgress: answering({ status: 1, ...(reason ? { reason } : {}) }),
    })
    return failure(call, PrivateFunctionFailedError)
  }

  test('tells its reason by the custom errors of the ABI, which came sealed', async () => {
    const error = await score(encodeErrorResult({ abi: loanAbi, errorName: 'DebtsTooHigh' }))
    expect(error).toMatchObject({ code: 'PRIVATE_FUNCTION_FAILED', taskId: expect.stringMatching(/^0x/) })
    expect(error.reason).toEqual({ errorName: 'DebtsTooHigh', args: [] })
    // S21: which of its errors it was tells of the inputs.
    expect(`${error.stack}${JSON.stringify(error)}`).not.toContain('DebtsTooHigh')
  })

  test('S21: keeps what the reason says out of the error’s text', async () => {
    const abi = [{ type: 'error', name: 'Error', inputs: [{ name: 'message', type: 'string' }] }] as const
    const error = await score(encodeErrorResult({ abi, errorName: 'Error', args: ['income 1234'] }))
    expect(error.reason).toEqual({ errorName: 'Error', args: ['income 1234'] })
    expect(`${error.stack}${JSON.stringify(error)}`).not.toContain('1234')
  })

  test('hands over a reason that the ABI does not know as bytes', async () => {
    expect((await score('0xdeadbeef')).reason).toEqual({ data: '0xdeadbeef' })
  })

  test('may have no reason', async () => {
    expect((await score(undefined)).reason).toBeUndefined()
  })

  test('S9: another task’s reason opens nothing', async () => {
    // Not sealed at all, so it opens for nobody; the failure is told all the same.
    const { enigma } = await world.enigma()
    const call = enigma.call({ ...addition(), onProgress: answering({ status: 1, output: '0x0102' }) })
    expect((await failure(call, PrivateFunctionFailedError)).reason).toBeUndefined()
  })
})

test('inputs that did not open are told as such', async () => {
  const { enigma } = await world.enigma()
  await failure(enigma.call({ ...addition(), onProgress: answering({ status: 2 }) }), InputsNotOpenedError)
})

test('a result that the callback refused is handed to the caller', async () => {
  const { enigma } = await world.enigma()
  const call = enigma.call({ ...addition(), callbackGas: 1, onProgress: answering({ output: sum(7n) }) })
  expect(await failure(call, ResultNotDeliveredError)).toMatchObject({ value: 7n, output: sum(7n) })
})

test('a result that does not fit the ABI is refused', async () => {
  const { enigma } = await world.enigma()
  const call = enigma.call({ ...addition(), onProgress: answering({ output: '0x01' }) })
  await expect(call).rejects.toMatchObject({ code: 'UNDECODABLE_OUTPUT', output: '0x01' })
})

describe('a task that nobody serves', () => {
  test('is told once its windows are over; cancelling brings the fee back to the slot', async () => {
    const { enigma, user } = await world.enigma()
    let createdBlock = 0n
    const call = enigma.call({
      ...addition(),
      onProgress: (event) => {
        if (event.type !== 'requested') return
        createdBlock = event.createdBlock
        void world.mine(3 * WINDOW_BLOCKS)
      },
    })
    const { taskId, refundGwei, isRefunded } = await failure(call, TaskNotServedError)
    expect(isRefunded).toBe(false)
    expect(await enigma.cancel({ taskId, createdBlock })).toMatchObject({ refundGwei })
    expect(await enigma.withdraw({ slot: 0 })).toMatchObject({ gas: expect.any(BigInt) })
    expect(await world.client.getBalance({ address: user.address })).toBeGreaterThan(10n ** 22n - 10n ** 16n)
  })

  test('is told as refunded when somebody cancelled it, however late one asks', async () => {
    const { enigma } = await world.enigma()
    const task = await enigma.requestTask(await sealed(enigma))
    await world.mine(3 * WINDOW_BLOCKS)
    await enigma.cancel(task)
    await expect(enigma.waitForResult(task)).rejects.toMatchObject({ code: 'TASK_NOT_SERVED', isRefunded: true })
    await world.mine(50)
    await expect(enigma.waitForResult(task)).rejects.toMatchObject({ code: 'TASK_NOT_SERVED', isRefunded: true })
    await expect(enigma.cancel(task)).rejects.toMatchObject({ code: 'TASK_ENDED' })
  })

  test('is not told of one that an RPC merely shows no settlement of', async () => {
    const { enigma, wire } = await world.enigma()
    const task = await enigma.requestTask(await sealed(enigma))
    await world.serve(task.taskId, () => ({ output: sum(7n) }))
    await world.mine(3 * WINDOW_BLOCKS)
    let omissions = 3
    wire.alter('eth_getLogs', (logs) => (omissions-- > 0 ? (logs as unknown[]).slice(0, 1) : logs))
    expect(await enigma.waitForResult(task)).toBe(7n)
    expect(omissions).toBeLessThan(0)
  })

  test('cannot be cancelled while a worker may still serve it', async () => {
    const { enigma, wire } = await world.enigma()
    const task = await enigma.requestTask(await sealed(enigma))
    wire.sent.length = 0
    await expect(enigma.cancel(task)).rejects.toMatchObject({
      code: 'CANCEL_TOO_EARLY',
      opensAtBlock: task.createdBlock + BigInt(3 * WINDOW_BLOCKS),
    })
    await expect(enigma.cancel({ ...task, taskId: sum(1n) })).rejects.toMatchObject({ code: 'UNKNOWN_TASK' })
    expect(wire.sent).toEqual([])
  })

  async function sealed(enigma: Awaited<ReturnType<World['enigma']>>['enigma']) {
    const workers = await enigma.verifyWorkers({ dApp: world.addition })
    return enigma.encrypt({ ...addition(), workers })
  }
})
